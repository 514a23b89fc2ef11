-- How far the source registers' feeds have come, kept up to date with each event: it is told without reading the events.

create table register.source_progress (
    source   smallint not null,
    highest  bigint   not null,
    constraint source_progress_pkey primary key (source),
    constraint source_progress_source_known check (source in (1, 2))
);
comment on table register.source_progress is 'The highest position of each source register that has come.';
insert into register.source_progress (source, highest) select source, max(position) from register.source_event group by source;

create table register.source_gap (
    source    smallint not null,
    first     bigint   not null,
    last      bigint   not null,
    constraint source_gap_pkey primary key (source, first),
    constraint source_gap_some_position check (last >= first)
);
comment on table register.source_gap is 'Positions below the highest that have not come: from the first to the last of each gap.';
insert into register.source_gap (source, first, last)
select source, before + 1, position - 1 from (
    select source, position, coalesce(lag(position) over (partition by source order by position), 0) as before from register.source_event
) told where position > before + 1;

create table register.source_waiting (
    kind      smallint not null,
    number    bytea    not null,
    source    smallint not null,
    position  bigint   not null,
    constraint source_waiting_pkey primary key (kind, number, source, position)
);
comment on table register.source_waiting is 'Events whose number is nobody''s yet. Gone once it is somebody''s.';
comment on column register.source_waiting.number is 'Sealed: the number the event was told under.';
insert into register.source_waiting (kind, number, source, position)
select e.kind, e.number, e.source, e.position from register.source_event e
where not exists (select from register.identifier i where i.kind = e.kind and i.number = e.number and i.unlinked_at is null);

grant select, insert, update on register.source_progress to nemkonto_register;
grant select, insert, delete on register.source_gap to nemkonto_register;
grant select, insert, delete on register.source_waiting to nemkonto_register;
