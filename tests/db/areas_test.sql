-- The shipped areas.
SELECT no_plan();
SELECT test.world();
SELECT is(test.gate(), NULL, 'with every area the gate is clean');
SELECT * FROM finish();
