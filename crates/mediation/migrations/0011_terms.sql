-- How a payer wants its payments carried out goes on to its bank as it stands.

alter table mediation.payment_block
    add column service_level    text constraint payment_block_service_level_code check (length(service_level) between 1 and 4),
    add column category_purpose text constraint payment_block_category_purpose_code check (length(category_purpose) between 1 and 4),
    add column charge_bearer    text constraint payment_block_charge_bearer_known check (charge_bearer in ('DEBT', 'CRED', 'SHAR', 'SLEV'));
comment on column mediation.payment_block.service_level is 'PmtTpInf/SvcLvl/Cd of the block. That of a single payment is part of its carry, as are its category purpose and charge bearer.';
comment on column mediation.payment_block.category_purpose is 'PmtTpInf/CtgyPurp/Cd of the block.';
comment on column mediation.payment_block.charge_bearer is 'ChrgBr of the block.';
