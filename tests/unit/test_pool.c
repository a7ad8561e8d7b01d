/* The table of the pool's tests. */
#include "test_pool.h"

#include <sys/prctl.h>

int main(void)
{
	static const struct unit_test tests[] = {
#define X(name) TEST(name),
		POOL_TESTS(X)
#undef X
	};
	/* Workers whose master was killed become our children, so that their end can be waited for. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		return EXIT_FAILURE;
	setvbuf(stdout, NULL, _IOLBF, 0);
	return unit_main("pool", tests, COUNT_OF(tests));
}
