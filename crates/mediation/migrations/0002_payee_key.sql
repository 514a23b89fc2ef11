-- The payments of a payee are found by a key of fixed width: half the cost of an index entry over the sealed number.

alter table mediation.payment add column payee_key bigint;
update mediation.payment set payee_key = ('x' || encode(substr(payee, 2, 8), 'hex'))::bit(64)::bigint where payee is not null;
alter table mediation.payment add constraint payment_payee_key_of_payee check ((payee_key is null) = (payee is null));
drop index mediation.payment_payee;
create index payment_payee_key on mediation.payment (payee_key);
comment on column mediation.payment.payee_key is 'Index key of the sealed payee: bytes 2 to 9 (of its synthetic IV) as a big-endian number. Equality is settled by `payee`.';
