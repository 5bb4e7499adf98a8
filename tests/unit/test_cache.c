/* SPDX-License-Identifier: BSD-2-Clause */
/* The cache: chains of equal hashes, the order of use, and a storm beside a plain model of it. */
#include <errno.h>

#include "tables.h"

static struct cache cache;

static void open_cache(uint32_t n)
{
	struct arena a;

	CHECK_EQ(arena_map(&a, cache_size(n)), 0);
	CHECK_EQ(cache_open(&cache, &a, n), 0);
}

static void size_is_enough(void)
{
	struct cache many[8];
	struct arena a;

	for (uint32_t n = 1; n < 300; n++) {
		CHECK_EQ(arena_map(&a, 8 * cache_size(n)), 0);
		for (int i = 0; i < 8; i++)
			CHECK_EQ(cache_open(&many[i], &a, n), 0);
		open_cache(n);
		for (uint32_t i = 0; i < n; i++) {
			CHECK_EQ(cache_victim(&cache), 0);
			CHECK_EQ(cache_take(&cache, i * 2654435761u), i);
		}
		CHECK_EQ(cache_victim(&cache), 1);
		cache_check(&cache);
	}
}

static void no_memory_is_an_error(void)
{
	struct arena a, part;

	CHECK_EQ(arena_map(&a, 4096), 0);
	CHECK_EQ(arena_split(&a, &part, 100), 0);
	CHECK_EQ(cache_open(&cache, &part, 16), -ENOMEM);
	CHECK_EQ(arena_split(&a, &part, sizeof(struct cache_link) * 16), 0);
	CHECK_EQ(cache_open(&cache, &part, 16), -ENOMEM);
}

static void empty_has_nothing(void)
{
	open_cache(4);
	CHECK_EQ(cache_first(&cache, 0), 0);
	CHECK_EQ(cache_first(&cache, 3), 0);
	CHECK_EQ(cache_victim(&cache), 0);
}

/* 7, 15 and 23 share a bucket of eight; 7 is there twice. */
static void only_equal_hashes_are_found(void)
{
	uint32_t at;

	open_cache(8);
	CHECK_EQ(cache_take(&cache, 7), 0);
	CHECK_EQ(cache_take(&cache, 15), 1);
	CHECK_EQ(cache_take(&cache, 7), 2);
	CHECK_EQ(cache_take(&cache, 23), 3);
	at = cache_first(&cache, 7);
	CHECK_EQ(at, 3);
	at = cache_next(&cache, at);
	CHECK_EQ(at, 1);
	CHECK_EQ(cache_next(&cache, at), 0);
	CHECK_EQ(cache_first(&cache, 15), 2);
	CHECK_EQ(cache_next(&cache, 2), 0);
	CHECK_EQ(cache_first(&cache, 31), 0);
	cache_drop(&cache, 1);
	CHECK_EQ(cache_first(&cache, 15), 0);
	CHECK_EQ(cache_first(&cache, 7), 3);
	CHECK_EQ(cache_next(&cache, 3), 1);
	cache_check(&cache);
}

static void victim_was_used_least_recently(void)
{
	open_cache(3);
	for (uint32_t i = 0; i < 3; i++)
		cache_take(&cache, i);
	CHECK_EQ(cache_victim(&cache), 1);
	cache_touch(&cache, 0);
	CHECK_EQ(cache_victim(&cache), 2);
	cache_touch(&cache, 2);
	CHECK_EQ(cache_victim(&cache), 2);
	cache_touch(&cache, 1);
	CHECK_EQ(cache_victim(&cache), 1);
	cache_touch(&cache, 1);
	CHECK_EQ(cache_victim(&cache), 1);
	cache_check(&cache);
}

static void dropped_is_taken_before_unused(void)
{
	open_cache(4);
	cache_take(&cache, 1);
	cache_take(&cache, 2);
	cache_drop(&cache, 0);
	CHECK_EQ(cache_take(&cache, 3), 0);
	CHECK_EQ(cache_take(&cache, 4), 2);
	CHECK_EQ(cache_first(&cache, 1), 0);
	cache_check(&cache);
}

static void one_entry_comes_and_goes(void)
{
	open_cache(1);
	for (uint32_t i = 0; i < 5; i++) {
		CHECK_EQ(cache_victim(&cache), 0);
		CHECK_EQ(cache_take(&cache, i), 0);
		CHECK_EQ(cache_victim(&cache), 1);
		cache_touch(&cache, 0);
		CHECK_EQ(cache_first(&cache, i), 1);
		cache_drop(&cache, 0);
		CHECK_EQ(cache_first(&cache, i), 0);
		cache_check(&cache);
	}
}

#define MODEL 24

/* The same as a table without any list: when each was used, 0 = free, and its hash. */
static struct {
	uint32_t used[MODEL], hash[MODEL], now;
} model;

static uint32_t model_oldest(void)
{
	uint32_t best = 0;

	for (uint32_t i = 0; i < MODEL; i++) {
		if (!model.used[i])
			return 0;
		if (model.used[i] < model.used[best])
			best = i;
	}
	return best + 1;
}

static void model_agrees(uint32_t hash)
{
	uint32_t want = 0, got = 0;

	for (uint32_t i = 0; i < MODEL; i++)
		want += model.used[i] && model.hash[i] == hash;
	for (uint32_t at = cache_first(&cache, hash); at; at = cache_next(&cache, at), got++) {
		CHECK(model.used[at - 1]);
		CHECK_EQ(model.hash[at - 1], hash);
	}
	CHECK_EQ(got, want);
	CHECK_EQ(cache_victim(&cache), model_oldest());
}

static void storm_agrees_with_a_plain_model(void)
{
	open_cache(MODEL);
	for (int n = 0; n < 200000; n++) {
		uint32_t i = below(MODEL), hash = below(40), victim = cache_victim(&cache);

		model.now++;
		if (model.used[i] && one_in(4)) {
			cache_drop(&cache, i);
			model.used[i] = 0;
		} else if (model.used[i] && one_in(2)) {
			cache_touch(&cache, i);
			model.used[i] = model.now;
		} else {
			if (victim)
				cache_drop(&cache, victim - 1);
			i = cache_take(&cache, hash);
			CHECK(victim ? i == victim - 1 : !model.used[i]);
			model.used[i] = model.now;
			model.hash[i] = hash;
		}
		model_agrees(hash);
		if (n % 64 == 0)
			cache_check(&cache);
	}
}

const struct unit_test tests_cache[] = {
	TEST(size_is_enough),
	TEST(no_memory_is_an_error),
	TEST(empty_has_nothing),
	TEST(only_equal_hashes_are_found),
	TEST(victim_was_used_least_recently),
	TEST(dropped_is_taken_before_unused),
	TEST(one_entry_comes_and_goes),
	TEST(storm_agrees_with_a_plain_model),
	{0},
};
