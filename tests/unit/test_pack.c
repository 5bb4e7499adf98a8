/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of packs: what is found in them, what is refused, and in what words. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <zlib.h>

#include "../../driver/pack.h"
#include "unit.h"

#define FIRST "arm 6.1.0-50-rpi #1 Debian 6.1.176-1 (2026-07-02)"
#define SECOND "arm64 6.1.0-50-arm64 #1 SMP Debian 6.1.176-1 (2026-07-02)"
#define HEADER 24
#define ENTRY 12
#define NAMES (HEADER + 2 * ENTRY + 8)

/* Two packs, "one" and "two2", of the kernels above. */
static unsigned char file[NAMES + sizeof(FIRST) + sizeof(SECOND)];
static char why[160];
static const void *btf;
static size_t len;

static void put(size_t at, size_t value)
{
	uint32_t v = (uint32_t)value;

	memcpy(file + at, &v, sizeof(v));
}

static void seal(void)
{
	put(8, (size_t)crc32(0, file + 12, (uInt)(sizeof(file) - 12)));
}

static void build(void)
{
	memcpy(file, "TIERPACK", 8);
	put(12, 1);
	put(16, sizeof(file));
	put(20, 2);
	put(HEADER, NAMES);
	put(HEADER + 4, HEADER + 2 * ENTRY);
	put(HEADER + 8, 3);
	put(HEADER + ENTRY, NAMES + sizeof(FIRST));
	put(HEADER + ENTRY + 4, HEADER + 2 * ENTRY + 4);
	put(HEADER + ENTRY + 8, 4);
	memcpy(file + HEADER + 2 * ENTRY, "one\0two2", 8);
	memcpy(file + NAMES, FIRST, sizeof(FIRST));
	memcpy(file + NAMES + sizeof(FIRST), SECOND, sizeof(SECOND));
	seal();
}

static int find(size_t size, const char *name)
{
	memset(why, 0, sizeof(why));
	return pack_find(file, size, name, &btf, &len, why, sizeof(why));
}

static void a_kernel_is_found_by_its_whole_name(void)
{
	build();
	CHECK(pack_is(file, sizeof(file)));
	CHECK(!pack_is(file, 7));
	CHECK(!pack_is("\x9f\xeb\x01", 3));
	CHECK_EQ(find(sizeof(file), FIRST), 0);
	CHECK(len == 3 && !memcmp(btf, "one", 3));
	CHECK_EQ(find(sizeof(file), SECOND), 0);
	CHECK(len == 4 && !memcmp(btf, "two2", 4));
}

static void another_build_is_refused(void)
{
	build();
	CHECK_EQ(find(sizeof(file), "arm 6.1.0-50-rpi #2 Debian 6.1.176-1 (2026-07-03)"), -ESTALE);
	CHECK_STR(why, "of another build, #1 Debian 6.1.176-1 (2026-07-02); this kernel is "
		       "#2 Debian 6.1.176-1 (2026-07-03)");
	CHECK_EQ(find(sizeof(file), "arm 6.1.0-50-rpi-x #1 Debian 6.1.176-1 (2026-07-02)"),
		 -ENOENT);
	CHECK_STR(why, "has none for arm 6.1.0-50-rpi-x among its 2");
	CHECK_EQ(find(sizeof(file), "arm64 6.1.0-50-rpi #1 Debian 6.1.176-1 (2026-07-02)"),
		 -ENOENT);
	CHECK_EQ(find(sizeof(file), "arm"), -ENOENT);
	CHECK_EQ(find(sizeof(file), ""), -ENOENT);
}

static void any_damage_is_noticed(void)
{
	build();
	for (size_t size = 0; size < sizeof(file); size++)
		CHECK_EQ(find(size, FIRST), -EBADMSG);
	for (size_t i = 0; i < sizeof(file); i++) {
		file[i] ^= 1;
		CHECK_EQ(find(sizeof(file), FIRST), -EBADMSG);
		file[i] ^= 1;
	}
	CHECK_EQ(find(sizeof(file), FIRST), 0);
	CHECK_EQ(find(sizeof(file) - 1, FIRST), -EBADMSG);
	CHECK_STR(why, "damaged, or of another version");
}

/* Numbers that lead out of the file, in one whose checksum is right. */
static void nothing_outside_of_the_file_is_read(void)
{
	static const struct {
		size_t at, value;
	} bad[] = {
		{20, 1000},
		{20, 0xffffffff},
		{HEADER, sizeof(file)},
		{HEADER, 0xffffffff},
		{HEADER + 4, sizeof(file) - 2},
		{HEADER + 4, 0xfffffffe},
		{HEADER + 8, sizeof(file)},
		{HEADER + 8, 0xffffffff},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		build();
		put(bad[i].at, bad[i].value);
		seal();
		CHECK_EQ(find(sizeof(file), FIRST), -EBADMSG);
	}
	build();
	file[sizeof(file) - 1] = 'x'; /* a name without an end */
	seal();
	CHECK_EQ(find(sizeof(file), "x"), -EBADMSG);
	CHECK_STR(why, "damaged: entry 1");
}

const struct unit_test tests_pack[] = {
	TEST(a_kernel_is_found_by_its_whole_name),
	TEST(another_build_is_refused),
	TEST(any_damage_is_noticed),
	TEST(nothing_outside_of_the_file_is_read),
	{0},
};
