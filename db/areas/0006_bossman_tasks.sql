-- Tasks that are handed out and done.

CREATE TYPE app.task_status AS ENUM ('open', 'in_progress', 'blocked', 'done', 'cancelled');

CREATE TABLE app.bossman_tasks (
  id uuid DEFAULT gen_random_uuid(),
  tenant_id uuid,
  title text NOT NULL CHECK (title <> ''),
  description text,
  status app.task_status NOT NULL DEFAULT 'open',
  priority smallint NOT NULL DEFAULT 3 CHECK (priority BETWEEN 1 AND 5),
  assignee_id uuid,
  parent_id uuid,
  due_at timestamptz,
  completed_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CHECK (parent_id <> id),
  FOREIGN KEY (tenant_id, assignee_id) REFERENCES tenantd.tenant_members (tenant_id, user_id),
  FOREIGN KEY (tenant_id, parent_id) REFERENCES app.bossman_tasks (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE app.bossman_tasks IS 'Something to be done, by somebody, by a time';
COMMENT ON COLUMN app.bossman_tasks.id IS 'The key';
COMMENT ON COLUMN app.bossman_tasks.title IS 'What lists show';
COMMENT ON COLUMN app.bossman_tasks.description IS 'What is to be done';
COMMENT ON COLUMN app.bossman_tasks.status IS 'How far it is; any may follow any';
COMMENT ON COLUMN app.bossman_tasks.priority IS '1 first, 5 last';
COMMENT ON COLUMN app.bossman_tasks.assignee_id IS 'A member of the tenant; null while nobody has it';
COMMENT ON COLUMN app.bossman_tasks.parent_id IS 'The task that this one is a part of';
COMMENT ON COLUMN app.bossman_tasks.due_at IS 'When it is to be done; null when there is no hurry';
COMMENT ON COLUMN app.bossman_tasks.completed_at IS 'When it was done, as it was reported';

SELECT tenantd.register_resource('app.bossman_tasks');
CREATE INDEX bossman_tasks_by_assignee ON app.bossman_tasks (tenant_id, assignee_id, status);
CREATE INDEX bossman_tasks_by_parent ON app.bossman_tasks (tenant_id, parent_id);
CREATE INDEX bossman_tasks_by_due ON app.bossman_tasks (tenant_id, due_at, id);
CREATE INDEX bossman_tasks_by_status ON app.bossman_tasks (tenant_id, status, priority, due_at, id);
