/* SPDX-License-Identifier: BSD-2-Clause */
/* Containers by the paths of cgroups that their runtimes make, and what only looks like one. */
#include "../../core/container.h"
#include "unit.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define SHORT "0123456789ab"
#define POD "pod2d1f4d3c_8a1b_4a0e_9b0c_1c5b2e7f9a11"
#define USER_SLICE "/user.slice/user-1000.slice/user@1000.service"

struct path {
	const char *path, *runtime, *id; /* runtime "" = not told */
};

static void check_all(const struct path *t)
{
	for (; t->path; t++) {
		struct container c = container_of_cgroup(str_of(t->path), false);

		CHECK(memchr(c.id, 0, sizeof(c.id)));
		if (strcmp(c.id, t->id) != 0 || strcmp(c.runtime ? c.runtime : "", t->runtime) != 0)
			unit_fail(__FILE__, __LINE__, "%s: %s %s, expected %s %s", t->path,
				  c.runtime ? c.runtime : "(not told)", c.id, t->runtime, t->id);
	}
}

static void containers_by_id(void)
{
	static const struct path paths[] = {
		{"/docker/" ID, "docker", SHORT},
		{"/docker/" ID "/init.scope", "docker", SHORT},
		{"/system.slice/docker-" ID ".scope", "docker", SHORT},
		{USER_SLICE "/user.slice/docker-" ID ".scope", "docker", SHORT},
		{"/system.slice:docker:" ID, "docker", SHORT},
		{"/balena/" ID, "balena", SHORT},
		{"/system.slice/balena-" ID ".scope", "balena", SHORT},
		{"/machine.slice/libpod-" ID ".scope", "podman", SHORT},
		{"/machine.slice/libpod-" ID ".scope/container", "podman", SHORT},
		{"/machine.slice/machine-libpod_pod_" OTHER ".slice/libpod-" ID ".scope/container",
		 "podman", SHORT},
		{USER_SLICE "/user.slice/libpod-" ID ".scope/container", "podman", SHORT},
		{"/libpod_parent/libpod-" ID, "podman", SHORT},
		{"/libpod_parent/" OTHER "/libpod-" ID, "podman", SHORT},
		{"/system.slice/web.service/libpod-payload-" ID, "podman", SHORT},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-" POD
		 ".slice/cri-containerd-" ID ".scope",
		 "containerd", SHORT},
		{"/system.slice/containerd.service/kubepods-burstable-" POD
		 ".slice:cri-containerd:" ID,
		 "containerd", SHORT},
		{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-" POD
		 ".slice/docker-" ID ".scope",
		 "docker", SHORT},
		{"/kubepods/besteffort/" POD "/" ID, "", SHORT},
		{"/k8s.io/" ID, "containerd", SHORT},
		{"/default/" ID, "containerd", SHORT},
		{"/system.slice/nerdctl-" ID ".scope", "containerd", SHORT},
		{"/kubepods.slice/kubepods-" POD ".slice/crio-" ID ".scope", "cri-o", SHORT},
		{"/kubepods.slice/kubepods-" POD ".slice/crio-" ID ".scope/container", "cri-o",
		 SHORT},
		{"/kubepods/burstable/" POD "/crio-" ID, "cri-o", SHORT},
		{"/ecs/5ad3b0c1/" ID, "", SHORT},
		{"/" ID, "", SHORT},
		{0},
	};

	check_all(paths);
}

static void containers_by_name(void)
{
	static const struct path paths[] = {
		{"/lxc/web", "lxc", "web"},
		{"/lxc/101/ns/system.slice/ssh.service", "lxc", "101"},
		{"/lxc.payload/web", "lxc", "web"},
		{"/lxc.payload.web/init.scope", "lxc", "web"},
		{USER_SLICE "/lxc.payload.web", "lxc", "web"},
		{"/machine.slice/machine-debian.scope", "systemd-nspawn", "debian"},
		{"/machine.slice/machine-debian.scope/payload/system.slice/cron.service",
		 "systemd-nspawn", "debian"},
		{"/machine.slice/machine-my\\x2dbox.scope", "systemd-nspawn", "my-box"},
		{"/machine.slice/systemd-nspawn@web.service/payload", "systemd-nspawn", "web"},
		{"/machine.slice/machine-lxc\\x2d4711\\x2dweb.scope", "libvirt-lxc", "web"},
		{0},
	};

	check_all(paths);
}

/* The innermost one counts. */
static void containers_in_containers(void)
{
	static const struct path paths[] = {
		{"/docker/" OTHER "/docker/" ID, "docker", SHORT},
		{"/system.slice/docker-" OTHER ".scope/system.slice/docker-" ID ".scope", "docker",
		 SHORT},
		{"/system.slice/docker-" ID ".scope/machine.slice/libpod-conmon-" OTHER ".scope",
		 "docker", SHORT},
		{"/lxc.payload.web/docker/" ID, "docker", SHORT},
		{"/docker/" ID "/lxc.payload.web", "lxc", "web"},
		{"/docker/" ID "0/x/" OTHER, "", "ffffffffffff"},
		{0},
	};

	check_all(paths);
}

static void others_are_the_host(void)
{
	static const char *const paths[] = {
		"",
		"/",
		"//",
		"/init.scope",
		"/system.slice/ssh.service",
		"/user.slice/user-1000.slice/session-1.scope",
		USER_SLICE "/app.slice/app-org.gnome.Terminal.slice",
		"/system.slice/docker.service",
		"/system.slice/containerd.service",
		"/docker",
		"/docker/buildkit",
		"/docker/0123456789abcdef",
		"/docker/" ID "0",
		"/docker/ffffffffffff" ID,
		"/docker/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
		/* who looks after containers */
		"/machine.slice/libpod-conmon-" ID ".scope",
		"/libpod_parent/libpod-conmon-" ID,
		"/libpod_parent/conmon",
		"/machine.slice/machine-libpod_pod_" ID ".slice",
		"/libpod_parent/" ID,
		"/kubepods.slice/kubepods-" POD ".slice/crio-conmon-" ID ".scope",
		"/kubepods.slice/kubepods-" POD ".slice",
		"/system.slice/" ID ".service",
		"/system.slice/" ID "-4f2c.timer",
		"/lxc",
		"/lxc.monitor/web",
		"/lxc.monitor.web",
		"/lxc.pivot",
		"/machine.slice/machine-debian.scope/supervisor",
		"/machine.slice/systemd-nspawn@web.service/supervisor",
		/* units and machines of other kinds */
		"/system.slice/run-" ID ".scope",
		"/system.slice/docker-" ID ".service",
		"/system.slice/mydocker-" ID ".scope",
		"/system.slice/docker" ID ".scope",
		"/system.slice/backup-" ID ".service",
		"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope",
		"/machine.slice/machine-debian.slice",
		"/system.slice/systemd-nspawn@web.timer",
		"/var/lxcfs/web",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		check_all((const struct path[]){{paths[i], "host", "host"}, {0}});
}

static struct container of(const char *path)
{
	return container_of_cgroup(str_of(path), false);
}

/* The start of a name is another name; but it is no reason to be taken for the host. */
static void long_names_are_not_known(void)
{
	char path[256] = "/lxc.payload.";

	memset(path + 13, 'n', PROC_CONTAINER_MAX - 1);
	CHECK_EQ(strlen(of(path).id), PROC_CONTAINER_MAX - 1);
	memset(path + 13, 'n', PROC_CONTAINER_MAX);
	CHECK_STR(of(path).id, "unknown");
	CHECK_STR(of(path).runtime, "lxc");
	CHECK_STR(of("/lxc/a\\x00b").id, "unknown");
	CHECK_STR(of("/lxc/a\\x2").id, "a\\x2");
}

/* Who may make groups below his own container's could leave it by the name of one. */
static void no_container_is_called_host(void)
{
	static const struct path paths[] = {
		{"/docker/" ID "/lxc.payload.host", "lxc", "unknown"},
		{"/docker/" ID "/lxc/host", "lxc", "unknown"},
		{"/docker/" ID "/lxc.payload.", "lxc", "unknown"},
		{"/machine.slice/machine-\\x68ost.scope", "systemd-nspawn", "unknown"},
		{"/machine.slice/machine-.scope", "systemd-nspawn", "unknown"},
		{"/lxc/hosts", "lxc", "hosts"},
		{0},
	};

	check_all(paths);
}

/* With all digits; a name has none. What lies in another is said to. */
static void ids_are_told_whole(void)
{
	CHECK_STR(of("/system.slice/docker-" ID ".scope").whole, ID);
	CHECK_STR(of("/lxc.payload.web/x").whole, "");
	CHECK(!of("/docker/" ID "/init.scope").nested);
	CHECK(!of("/libpod_parent/" OTHER "/libpod-" ID).nested);
	CHECK(of("/docker/" OTHER "/docker/" ID).nested);
	CHECK(of("/lxc.payload.web/docker/" ID).nested);
}

static void some_containers_have_no_files(void)
{
	static const char *const none[] = {"/", "/docker/" OTHER "/docker/" ID,
					   USER_SLICE "/docker-" ID ".scope", "/lxc/host"};
	struct container c = of("/docker/" ID);

	CHECK(container_has_files(&c));
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		c = of(none[i]);
		CHECK(!container_has_files(&c));
	}
}

static void containers_end_where_the_path_does(void)
{
	CHECK_STR(container_of_cgroup((struct str){ID ID, 64}, false).id, SHORT);
	CHECK_STR(container_of_cgroup((struct str){ID, 63}, false).id, "host");
	CHECK_STR(container_of_cgroup((struct str){"/lxc/ab", 6}, false).id, "a");
}

/* A user may name the groups below his own manager as he likes. */
static void users_make_up_containers(void)
{
	static const char *const users[] = {
		USER_SLICE "/docker-" ID ".scope",
		USER_SLICE "/user.slice/libpod-" ID ".scope/container",
		USER_SLICE "/machine-debian.scope",
		"/docker/" OTHER USER_SLICE "/docker-" ID ".scope",
	};
	static const char *const given[] = {
		"/docker/" ID,
		"/docker/" ID USER_SLICE "/init.scope",
		"/user.slice/user-0.slice/user@0.service/docker-" ID ".scope",
		"/user.slice/user-1000.slice/session-1.scope/docker-" ID ".scope",
		USER_SLICE "/app.slice",
		"/",
	};

	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		CHECK(of(users[i]).rootless);
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		CHECK(!of(given[i]).rootless);
}

/* What lies so deep that the path lost its start may lie below anything. */
static void cut_paths_are_not_the_host(void)
{
	struct container c = container_of_cgroup(STR("x/y"), true);

	CHECK_STR(c.id, "unknown");
	CHECK(!c.runtime);
	CHECK(c.rootless);
	c = container_of_cgroup(STR("x/docker-" ID ".scope"), true);
	CHECK_STR(c.id, SHORT);
	CHECK_STR(c.runtime, "docker");
	CHECK(c.rootless);
}

const struct unit_test tests_container[] = {
	TEST(containers_by_id),
	TEST(containers_by_name),
	TEST(containers_in_containers),
	TEST(others_are_the_host),
	TEST(long_names_are_not_known),
	TEST(no_container_is_called_host),
	TEST(ids_are_told_whole),
	TEST(some_containers_have_no_files),
	TEST(containers_end_where_the_path_does),
	TEST(users_make_up_containers),
	TEST(cut_paths_are_not_the_host),
	{0},
};
