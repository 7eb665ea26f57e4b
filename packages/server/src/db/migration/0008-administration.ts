// Who somebody is at a provider of single sign-on, and what the audit log is searched by.

export const administration = `
create table person_identities (
  issuer text not null,
  subject text not null,
  person_id bigint not null references people (id),
  created_at bigint not null,
  primary key (issuer, subject)
);
create index person_identities_person on person_identities (person_id);

create index audit_log_person on audit_log (person_id, id);
create index audit_log_object on audit_log (object_kind, object_id, id);
`;
