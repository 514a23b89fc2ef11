-- What few payments and blocks have, such as an ultimate debtor, passes on to the bank. That of a payment is part of its carry.

alter table mediation.payment_block add column more bytea;
comment on column mediation.payment_block.more is
    'Sealed: what few blocks have and passes on to the bank (InstrPrty, LclInstrm, UltmtDbtr, InstrForDbtrAgt); null where there is none.';
comment on table mediation.finding is 'A fault: 1 unreadable, 2 schema, 3 group, 4 payment information, 5 payment; of a delivery that is received, 3 is no fault but what the payer is told beside. row_reference: sealed EndToEndId and amount of a rejected row. Never changes.';
