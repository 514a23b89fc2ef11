-- Estates: an account by a court's document.

alter table register.entry drop constraint entry_route_known;
alter table register.entry add constraint entry_route_known
    check (route in ('bank', 'self_service', 'guardian', 'caseworker', 'form', 'foreign_form', 'estate', 'migration'));
alter table register.entry drop constraint entry_form_by_form_route;
alter table register.entry add constraint entry_form_by_form_route check ((route in ('foreign_form', 'estate')) = (form is not null));
comment on column register.entry.form is
    'The signatures of a form for an account abroad, or the court''s document on an estate, as JSON; holds no personal value.';
