/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel that the probe is to be loaded into: see target.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "pack.h"
#include "procfs.h"
#include "target.h"

void target_here(struct target *t)
{
	memset(t, 0, sizeof(*t));
	t->wide = procfs_wide_kernel();
	t->native = abi_native();
	t->compat = abi_compat();
	if (t->native == ABI_ARM && t->wide) {
		t->native = ABI_AARCH64;
		t->compat = ABI_ARM;
	}
	t->machine = t->native == ABI_X86_64 ? "x86" : t->wide ? "arm64" : "arm";
}

/* The pack of this kernel goes into a file of its own, which libbpf can be given. */
static int take_pack(struct target *t, const char *path, const void *file, size_t file_size,
		     char *why, size_t size)
{
	char name[PACK_NAME_MAX], reason[160];
	struct utsname u;
	const void *btf;
	void *room =
		mmap(NULL, PACK_ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t len;
	int fd, err = -ENOMEM;

	if (room == MAP_FAILED)
		goto no_memory;
	uname(&u);
	snprintf(name, sizeof(name), "%s %s %s", t->machine, u.release, u.version);
	err = pack_find(file, file_size, name, room, &btf, &len, reason, sizeof(reason));
	if (err) {
		snprintf(why, size, "packs in %s: %s", path, reason);
		goto out;
	}
	fd = memfd_create("pack", MFD_CLOEXEC);
	if (fd < 0 || write(fd, btf, len) != (ssize_t)len) {
		err = -ENOMEM;
		goto no_memory;
	}
	snprintf(t->btf_path, sizeof(t->btf_path), "/proc/self/fd/%d", fd);
	snprintf(t->btf_name, sizeof(t->btf_name), "pack of this kernel in %s", path);
	goto out;
no_memory:
	snprintf(why, size, "packs in %s: no memory for a copy", path);
out:
	if (room != MAP_FAILED)
		munmap(room, PACK_ROOM);
	return err;
}

/* A file that somebody named, or the packs that are installed. */
static int take_file(struct target *t, const char *path, char *why, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	struct stat st;
	void *file;

	if (fd < 0 || fstat(fd, &st) || st.st_size <= 0) {
		err = fd < 0 ? -errno : -ENODATA;
		snprintf(why, size, "%s: %s", path, strerror(-err));
		goto out;
	}
	file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED) {
		err = -errno;
		snprintf(why, size, "%s: %s", path, strerror(-err));
	} else if (pack_is(file, (size_t)st.st_size)) {
		err = take_pack(t, path, file, (size_t)st.st_size, why, size);
	} else {
		snprintf(t->btf_path, sizeof(t->btf_path), "%s", path);
		snprintf(t->btf_name, sizeof(t->btf_name), "BTF from %s", path);
	}
	if (file != MAP_FAILED)
		munmap(file, (size_t)st.st_size);
out:
	if (fd >= 0)
		close(fd);
	return err;
}

int target_find_btf(struct target *t, const char *option, char *why, size_t size)
{
	char reason[320];
	int err;

	if (option && *option)
		return take_file(t, option, why, size);
	if (!access(TARGET_OWN_BTF, R_OK)) {
		snprintf(t->btf_name, sizeof(t->btf_name), "BTF from " TARGET_OWN_BTF);
		return 0;
	}
	err = take_file(t, TARGET_PACKS, reason, sizeof(reason));
	if (err)
		snprintf(why, size,
			 "this kernel has no BTF (CONFIG_DEBUG_INFO_BTF), sensor.btf names none, "
			 "and no pack is here: %s",
			 reason);
	return err;
}
