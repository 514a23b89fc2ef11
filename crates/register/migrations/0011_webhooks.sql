-- Signed webhooks: a payer is told, at an address of its own, that a payee it waits for has an account, or no longer has one.

create table register.webhook (
    webhook_id     uuid        not null,
    payer          text        not null collate "C",
    url            text        not null,
    secret         bytea       not null,
    old_secret     bytea,
    old_until      timestamptz,
    legal_basis    text        not null,
    purpose        text        not null,
    recorded_at    timestamptz not null,
    recorded_by    text        not null,
    attempts       integer     not null default 0,
    next_attempt   timestamptz not null,
    failing_since  timestamptz,
    disabled_at    timestamptz,
    lease_token    bigint      not null default 0,
    lease_holder   uuid,
    lease_until    timestamptz,
    constraint webhook_pkey primary key (webhook_id),
    constraint webhook_payer_digits check (payer ~ '^[0-9]{8}$'),
    constraint webhook_encrypted check (url like 'https://%' and length(url) <= 500),
    constraint webhook_old_secret_ends check ((old_secret is null) = (old_until is null)),
    constraint webhook_attempts_fail check (attempts >= 0 and (attempts = 0) = (failing_since is null))
);
comment on table register.webhook is 'Addresses payers want to be told at. One message at a time is sent to each, under a lease.';
comment on column register.webhook.secret is 'Sealed, bound to the webhook: what its messages are signed with.';
comment on column register.webhook.old_secret is 'Sealed: the secret of before, with which messages are signed too until `old_until`.';
comment on column register.webhook.legal_basis is 'Of the call that added it: each telling is logged as an access under it.';
comment on column register.webhook.disabled_at is 'When it had failed for too long, or said that it is gone. Nothing is sent then, and nothing is gathered.';
create index webhook_of_payer on register.webhook (payer);

create table register.webhook_message (
    message_id  uuid        not null,
    webhook_id  uuid        not null,
    position    bigint      not null,
    holder_ref  uuid        not null,
    kind        text        not null,
    at          timestamptz not null,
    constraint webhook_message_pkey primary key (message_id),
    constraint webhook_message_once unique (webhook_id, position, holder_ref),
    constraint webhook_message_kind_known check (kind in ('payee.account_available', 'payee.account_ended'))
);
comment on table register.webhook_message is 'Queue: what a webhook has not taken yet. No number and no account. Gone once it is taken.';
comment on column register.webhook_message.holder_ref is 'The reference the payer was given when it began to wait.';
comment on column register.webhook_message.at is 'When it happened.';

create table register.webhook_head (
    single    boolean not null default true,
    position  bigint  not null default 0,
    constraint webhook_head_pkey primary key (single),
    constraint webhook_head_single check (single)
);
comment on table register.webhook_head is 'The last position of the feed that webhooks were told of.';
insert into register.webhook_head default values;

-- Who waits for a number.
create index subscription_number on register.subscription (kind, number);

grant select, insert, update, delete on register.webhook to nemkonto_register;
grant select, insert, delete on register.webhook_message to nemkonto_register;
grant select, update on register.webhook_head to nemkonto_register;
