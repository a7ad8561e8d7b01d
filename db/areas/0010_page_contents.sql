-- The texts of the tenant's pages, one row per page, language and block.

CREATE TABLE app.page_contents (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid,
  page text NOT NULL CHECK (page <> ''),
  block text NOT NULL DEFAULT 'main' CHECK (block <> ''),
  locale text NOT NULL DEFAULT 'en' CHECK (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  title text,
  body text NOT NULL DEFAULT '',
  is_published boolean NOT NULL DEFAULT false,
  position integer NOT NULL DEFAULT 0,
  UNIQUE (tenant_id, page, block, locale)
);
COMMENT ON TABLE app.page_contents IS 'A block of text on a page, in one language';
COMMENT ON COLUMN app.page_contents.id IS 'The key';
COMMENT ON COLUMN app.page_contents.page IS 'The page''s path or name';
COMMENT ON COLUMN app.page_contents.block IS 'Which part of the page';
COMMENT ON COLUMN app.page_contents.locale IS 'A language tag: de, pt-BR';
COMMENT ON COLUMN app.page_contents.title IS 'The heading of the block';
COMMENT ON COLUMN app.page_contents.body IS 'Its text, in the markup of the application';
COMMENT ON COLUMN app.page_contents.is_published IS 'Whether visitors are to see it; the application asks for it';
COMMENT ON COLUMN app.page_contents.position IS 'The order of blocks on the page, lowest first';

SELECT tenantd.register_resource('app.page_contents');
