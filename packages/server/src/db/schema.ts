// All tables, for Kysely.
import type {
  PeopleTable,
  PersonIdentitiesTable,
  SessionsTable,
  AccessTokensTable,
  IdempotencyKeysTable,
  WorkspaceSettingsTable,
  AuditLogTable,
  NodesTable,
  FlowsTable,
  FlowGrantsTable,
  DatasetsTable,
  FlowNodesTable,
  RecipesTable,
  RecipeInputsTable,
  RecipeNotesTable,
  OutputsTable,
  WriteSettingsTable,
  PlacesTable,
  PlaceTakeoversTable,
} from './schema-flow.ts';
import type {
  EnvironmentParametersTable,
  FlowParametersTable,
  FlowRunsTable,
  ScheduleOccurrencesTable,
  SchedulesTable,
} from './schema-run.ts';
import type {
  JobsTable,
  JobStepsTable,
  JobFilesTable,
  JobProfilesTable,
  JobRejectsTable,
  JobTurnsTable,
  EventsTable,
  WebhookTasksTable,
  WebhookTaskRecipesTable,
  EventSuspectsTable,
  WebhookDeadlinesTable,
  DecisionsTable,
  DeliveriesTable,
  DeliveryBodiesTable,
  AttemptsTable,
  AttemptExchangesTable,
  AttemptTalliesTable,
} from './schema-webhook.ts';

export interface Schema {
  people: PeopleTable;
  person_identities: PersonIdentitiesTable;
  sessions: SessionsTable;
  access_tokens: AccessTokensTable;
  idempotency_keys: IdempotencyKeysTable;
  workspace_settings: WorkspaceSettingsTable;
  audit_log: AuditLogTable;
  nodes: NodesTable;
  flows: FlowsTable;
  flow_grants: FlowGrantsTable;
  datasets: DatasetsTable;
  flow_nodes: FlowNodesTable;
  recipes: RecipesTable;
  recipe_inputs: RecipeInputsTable;
  recipe_notes: RecipeNotesTable;
  outputs: OutputsTable;
  write_settings: WriteSettingsTable;
  places: PlacesTable;
  place_takeovers: PlaceTakeoversTable;
  flow_parameters: FlowParametersTable;
  environment_parameters: EnvironmentParametersTable;
  schedules: SchedulesTable;
  schedule_occurrences: ScheduleOccurrencesTable;
  flow_runs: FlowRunsTable;
  jobs: JobsTable;
  job_steps: JobStepsTable;
  job_files: JobFilesTable;
  job_profiles: JobProfilesTable;
  job_rejects: JobRejectsTable;
  job_turns: JobTurnsTable;
  events: EventsTable;
  webhook_tasks: WebhookTasksTable;
  webhook_task_recipes: WebhookTaskRecipesTable;
  event_suspects: EventSuspectsTable;
  webhook_deadlines: WebhookDeadlinesTable;
  decisions: DecisionsTable;
  deliveries: DeliveriesTable;
  delivery_bodies: DeliveryBodiesTable;
  attempts: AttemptsTable;
  attempt_exchanges: AttemptExchangesTable;
  attempt_tallies: AttemptTalliesTable;
}
