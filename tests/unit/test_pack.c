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
#define HEADER 40
#define ENTRY 16
#define NAMES (HEADER + 2 * ENTRY)
#define PACKED (NAMES + sizeof(FIRST) + sizeof(SECOND))

/* Places in the header and in an entry. */
enum { FORMAT = 12, SIZE = 16, ENTRIES = 20, NEEDS = 24, COMMON = 28 };
enum { NAME = 0, BTF = 4, N = 8, LEN = 12 };

/* Two packs, "one: what is alike" and "two: what is alike", of the kernels above. */
static unsigned char file[PACKED + 200], room[PACK_ROOM];
static size_t used;
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
	put(8, (size_t)crc32(0, file + 12, (uInt)(used - 12)));
}

/* Appends text, packed; the three numbers that tell of it go to at. */
static void add(const char *text, const char *common, size_t at)
{
	z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)text,
		      .avail_in = (uInt)strlen(text),
		      .next_out = file + used,
		      .avail_out = (uInt)(sizeof(file) - used)};

	CHECK_EQ(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
	CHECK_EQ(deflateSetDictionary(&z, (const Bytef *)common, (uInt)strlen(common)), Z_OK);
	CHECK_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
	put(at, used);
	put(at + 4, z.total_out);
	put(at + 8, strlen(text));
	used += z.total_out;
	deflateEnd(&z);
}

static void build(void)
{
	static const char common[] = "what is alike";

	memcpy(file, "TIERPACK", 8);
	put(FORMAT, 2);
	put(ENTRIES, 2);
	put(NEEDS, PACK_NEEDS);
	put(HEADER, NAMES);
	put(HEADER + ENTRY, NAMES + sizeof(FIRST));
	memcpy(file + NAMES, FIRST, sizeof(FIRST));
	memcpy(file + NAMES + sizeof(FIRST), SECOND, sizeof(SECOND));
	used = PACKED;
	add(common, "", COMMON);
	add("one: what is alike", common, HEADER + BTF);
	add("two: what is alike, too", common, HEADER + ENTRY + BTF);
	put(SIZE, used);
	seal();
}

static int find(size_t size, const char *name)
{
	memset(why, 0, sizeof(why));
	return pack_find(file, size, name, room, &btf, &len, why, sizeof(why));
}

static void a_kernel_is_found_by_its_whole_name(void)
{
	build();
	CHECK(pack_is(file, used));
	CHECK(!pack_is(file, 7));
	CHECK(!pack_is("\x9f\xeb\x01", 3));
	CHECK_EQ(find(used, FIRST), 0);
	CHECK(len == 18 && !memcmp(btf, "one: what is alike", len));
	CHECK_EQ(find(used, SECOND), 0);
	CHECK(len == 23 && !memcmp(btf, "two: what is alike, too", len));
	CHECK((unsigned char *)btf >= room && (unsigned char *)btf + len <= room + sizeof(room));
}

static void another_build_is_refused(void)
{
	build();
	CHECK_EQ(find(used, "arm 6.1.0-50-rpi #2 Debian 6.1.176-1 (2026-07-03)"), -ESTALE);
	CHECK_STR(why, "of another build, #1 Debian 6.1.176-1 (2026-07-02); this kernel is "
		       "#2 Debian 6.1.176-1 (2026-07-03)");
	CHECK_EQ(find(used, "arm 6.1.0-50-rpi-x #1 Debian 6.1.176-1 (2026-07-02)"), -ENOENT);
	CHECK_STR(why, "has none for arm 6.1.0-50-rpi-x among its 2");
	CHECK_EQ(find(used, "arm64 6.1.0-50-rpi #1 Debian 6.1.176-1 (2026-07-02)"), -ENOENT);
	CHECK_EQ(find(used, "arm"), -ENOENT);
	CHECK_EQ(find(used, ""), -ENOENT);
}

static void any_damage_is_noticed(void)
{
	build();
	for (size_t size = 0; size < used; size++)
		CHECK_EQ(find(size, FIRST), -EBADMSG);
	for (size_t i = 0; i < used; i++) {
		file[i] ^= 1;
		CHECK_EQ(find(used, FIRST), -EBADMSG);
		file[i] ^= 1;
	}
	CHECK_EQ(find(used, FIRST), 0);
	CHECK_EQ(find(used - 1, FIRST), -EBADMSG);
	CHECK_STR(why, "damaged");
}

static void another_version_is_refused(void)
{
	build();
	put(NEEDS, PACK_NEEDS ^ 1u);
	seal();
	CHECK_EQ(find(used, FIRST), -EPROTO);
	CHECK(strstr(why, "made for another version of the probe"));
	put(FORMAT, 1);
	seal();
	CHECK_EQ(find(used, FIRST), -EBADMSG);
	CHECK_STR(why, "of format 1, and this is 2: make them anew");
}

/* Numbers that lead out of the file, in one whose checksum is right. */
static void nothing_outside_of_the_file_is_read(void)
{
	static const struct {
		size_t at, value;
	} bad[] = {
		{ENTRIES, 1000},
		{ENTRIES, 0xffffffff},
		{COMMON, 0xfffffffe},
		{COMMON + 4, 0xffffffff},
		{COMMON + 8, PACK_COMMON_MAX + 1},
		{COMMON + 8, 12},
		{COMMON + 8, 14},
		{HEADER + NAME, sizeof(file)},
		{HEADER + NAME, 0xffffffff},
		{HEADER + BTF, sizeof(file)},
		{HEADER + BTF, 0xfffffffe},
		{HEADER + N, sizeof(file)},
		{HEADER + N, 1},
		{HEADER + LEN, PACK_BTF_MAX + 1},
		{HEADER + LEN, 17},
		{HEADER + LEN, 19},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		build();
		put(bad[i].at, bad[i].value);
		seal();
		CHECK_EQ(find(used, FIRST), -EBADMSG);
	}
	build();
	memset(file + NAMES, 'x', used - NAMES); /* a name without an end */
	seal();
	CHECK_EQ(find(used, "x"), -EBADMSG);
	CHECK_STR(why, "damaged");
}

const struct unit_test tests_pack[] = {
	TEST(a_kernel_is_found_by_its_whole_name),
	TEST(another_build_is_refused),
	TEST(any_damage_is_noticed),
	TEST(another_version_is_refused),
	TEST(nothing_outside_of_the_file_is_read),
	{0},
};
