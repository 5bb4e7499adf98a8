/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Facts about containers, from files as engines write them: those of each engine,
 * below a directory of the test's own. And files that are not to be believed.
 */
#include "../../core/container_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define DOCKER "/var/lib/docker/containers/" ID
#define BUNDLE "io.containerd.runtime.v2.task/k8s.io/" ID "/config.json"
#define STORAGE "/var/lib/containers/storage/overlay-containers"

static char root[64];
static char path[512];
static struct container_facts facts;

/* The file below the test's root, and the directories that lead there. */
static const char *place(const char *name)
{
	if (!*root) {
		strcpy(root, "/tmp/tiercel-unit-XXXXXX");
		CHECK(mkdtemp(root));
	}
	snprintf(path, sizeof(path), "%s%s", root, name);
	for (char *p = path + 1; (p = strchr(p, '/')) != NULL; *p++ = '/') {
		*p = 0;
		mkdir(path, 0755);
	}
	return path;
}

static void write_bytes(const char *name, const char *text, size_t n)
{
	FILE *f = fopen(place(name), "w");

	CHECK(f);
	CHECK_EQ(fwrite(text, 1, n, f), n);
	fclose(f);
	chmod(path, 0600);
}

static void write_file(const char *name, const char *text)
{
	write_bytes(name, text, strlen(text));
}

/* Reads what there is of the container that has such a control group; the files are gone then. */
static enum container_answer ask(const char *cgroup)
{
	struct container c = container_of_cgroup(str_of(cgroup), false);
	enum container_answer answer;
	char command[128];

	place("/");
	answer = container_read(root, &c, &facts);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	CHECK_EQ(system(command), 0);
	*root = 0;
	return answer;
}

/* A text, with its NULs as bars; "<none>" if it is not known. */
static const char *fact(enum container_text which)
{
	static char text[TRC_STR_MAX + 1];
	struct str s = container_fact(&facts, which);

	if (!s.p)
		return "<none>";
	memcpy(text, s.p, s.n);
	text[s.n] = 0;
	for (uint32_t i = 0; i < s.n; i++)
		if (!text[i])
			text[i] = '|';
	return text;
}

#define MOUNTS                                                                                     \
	"\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\","            \
	"\"options\":[\"nosuid\"]},{\"destination\":\"/host\",\"type\":\"bind\",\"source\":\"/\"," \
	"\"options\":[\"rbind\",\"rslave\",\"ro\"]},{\"destination\":\"/run/x\",\"source\":"       \
	"\"/run/x\",\"options\":[\"bind\",\"mode=755\"]},{\"destination\":\"/etc/hosts\","         \
	"\"type\":\"bind\",\"source\":\"/var/lib/x/" ID "/hosts\",\"options\":[\"rbind\"]}]"
#define RIGHTS(caps) "\"process\":{\"capabilities\":{\"bounding\":[" caps "]}}"
#define MASK "\"linux\":{\"maskedPaths\":[\"/proc/kcore\"]}"

static void docker_tells_all(void)
{
	write_file(
		DOCKER "/config.v2.json",
		"{\"StreamConfig\":{},\"State\":{\"Running\":false,\"Name\":\"not this\"},\"ID\":\"" ID
		"\",\"Created\":\"2026-01-02T03:04:05.6Z\",\"Args\":[\"-g\",\"x\"],\"Config\":{"
		"\"Hostname\":\"0123456789ab\",\"Image\":\"registry:5000/a/nginx:1.25\",\"Volumes\":null,"
		"\"Labels\":{\"com.x/y\":\"z\",\"empty\":\"\",\"io.kubernetes.pod.name\":\"mine\"}},"
		"\"Image\":\"sha256:" OTHER "\",\"Name\":\"/web\",\"MountPoints\":{"
		"\"/data\":{\"Source\":\"/srv/data\",\"Destination\":\"/data\",\"RW\":true,"
		"\"Name\":\"\",\"Type\":\"bind\",\"Propagation\":\"rprivate\",\"Spec\":{\"Source\":\"x\"}},"
		"\"/etc2\":{\"Source\":\"/etc\",\"Destination\":\"/etc2\",\"RW\":false,"
		"\"Relabel\":\"ro\",\"Propagation\":\"rslave\"}}}\n");
	write_file(DOCKER "/hostconfig.json",
		   "{\"Binds\":[\"/srv/data:/data\"],\"Privileged\":true}");
	CHECK_EQ(ask("/docker/" ID), CONTAINER_TOLD);
	CHECK_STR(fact(CONTAINER_ID), ID);
	CHECK_STR(fact(CONTAINER_NAME), "web");
	CHECK_STR(fact(CONTAINER_IMAGE), "registry:5000/a/nginx:1.25");
	CHECK_STR(fact(CONTAINER_IMAGEID), OTHER);
	CHECK_STR(fact(CONTAINER_MOUNTS),
		  "/srv/data|/data||true|rprivate|/etc|/etc2|ro|false|rslave|");
	CHECK_STR(fact(CONTAINER_LABELS), "com.x/y|z|empty||io.kubernetes.pod.name|mine|");
	CHECK(facts.has_privileged && facts.privileged);
	/* An image may have any label: this is no pod. */
	CHECK_STR(fact(CONTAINER_POD), "<none>");
	CHECK_EQ(facts.cut, 0);
}

static void docker_has_pods(void)
{
	write_file(
		DOCKER "/config.v2.json",
		"{\"Name\":\"/k8s_web_pod-1_shop_u-1_0\",\"MountPoints\":{},\"Config\":{\"Labels\":{"
		"\"io.kubernetes.pod.name\":\"pod-1\",\"io.kubernetes.pod.namespace\":\"shop\","
		"\"io.kubernetes.pod.uid\":\"u-1\"}}}");
	CHECK_EQ(ask("/kubepods/burstable/podu-1/" ID), CONTAINER_TOLD);
	CHECK_STR(fact(CONTAINER_NAME), "k8s_web_pod-1_shop_u-1_0");
	CHECK_STR(fact(CONTAINER_POD), "pod-1");
	CHECK_STR(fact(CONTAINER_NAMESPACE), "shop");
	CHECK_STR(fact(CONTAINER_PODUID), "u-1");
	CHECK_STR(fact(CONTAINER_MOUNTS), "");
	CHECK(!facts.has_privileged);
}

/* Where docker's own files are elsewhere, its containerd's tell what they can. */
static void the_first_file_is_believed(void)
{
	static const char *const bundle =
		"/run/containerd/io.containerd.runtime.v2.task/moby/" ID "/config.json";
	static const char oci[] =
		"{" RIGHTS("\"CAP_SYS_ADMIN\"") ",\"mounts\":[{\"type\":\"bind\","
						"\"source\":\"/b\",\"destination\":\"/b\"}]}";

	write_file(bundle, oci);
	CHECK_EQ(ask("/docker/" ID), CONTAINER_TOLD);
	CHECK_STR(fact(CONTAINER_MOUNTS), "/b|/b||true||");
	CHECK(facts.has_privileged && facts.privileged);
	write_file(bundle, oci);
	write_file(DOCKER "/config.v2.json",
		   "{\"Name\":\"/a\",\"MountPoints\":{},\"Name\":\"/b\"}");
	write_file(DOCKER "/hostconfig.json", "{\"Privileged\":false}");
	CHECK_EQ(ask("/docker/" ID), CONTAINER_TOLD);
	CHECK_STR(fact(CONTAINER_NAME), "a");
	CHECK_STR(fact(CONTAINER_MOUNTS), "");
	CHECK(facts.has_privileged && !facts.privileged);
}

static void balena_is_docker(void)
{
	write_file("/var/lib/balena-engine/containers/" ID "/config.v2.json",
		   "{\"Name\":\"/main_1\"}");
	write_file("/var/lib/balena-engine/containers/" ID "/hostconfig.json",
		   "{\"Privileged\":false}");
	CHECK_EQ(ask("/system.slice/balena-" ID ".scope"), CONTAINER_TOLD);
	CHECK_STR(fact(CONTAINER_NAME), "main_1");
	CHECK(facts.has_privileged && !facts.privileged);
}

static void containerd_tells_pods(void)
{
	static const char *const at[] = {"/run/containerd/" BUNDLE, "/run/k3s/containerd/" BUNDLE};

	for (int i = 0; i < 2; i++) {
		write_file(
			at[i],
			"{\"ociVersion\":\"1.0.2\"," RIGHTS(
				"\"CAP_CHOWN\"") "," MOUNTS ","
						 "\"annotations\":{\"io.kubernetes.cri.container-name\":\"web\","
						 "\"io.kubernetes.cri.image-name\":\"docker.io/library/nginx:1\","
						 "\"io.kubernetes.cri.sandbox-name\":\"pod-1\","
						 "\"io.kubernetes.cri.sandbox-namespace\":\"shop\","
						 "\"io.kubernetes.cri.sandbox-uid\":\"u-1\"}," MASK
						 "}");
		CHECK_EQ(ask("/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope"),
			 CONTAINER_TOLD);
		CHECK_STR(fact(CONTAINER_NAME), "web");
		CHECK_STR(fact(CONTAINER_IMAGE), "docker.io/library/nginx:1");
		CHECK_STR(fact(CONTAINER_POD), "pod-1");
		CHECK_STR(fact(CONTAINER_NAMESPACE), "shop");
		CHECK_STR(fact(CONTAINER_PODUID), "u-1");
		CHECK_STR(fact(CONTAINER_LABELS), "<none>");
		CHECK_STR(fact(CONTAINER_MOUNTS), "/|/host||false|rslave|/run/x|/run/x|755|true||");
		CHECK(facts.has_privileged && !facts.privileged);
	}
}

/* What engines do to a privileged container: all capabilities, nothing masked, no filter. */
static void rights_are_concluded(void)
{
	static const struct {
		const char *text;
		bool known, privileged;
	} t[] = {
		{"{" RIGHTS("\"CAP_CHOWN\",\"CAP_SYS_ADMIN\"") ",\"linux\":{\"seccomp\":null}}",
		 true, true},
		{"{" RIGHTS("\"CAP_SYS_ADMIN\"") ",\"linux\":{\"maskedPaths\":[]}}", true, true},
		{"{" RIGHTS("\"CAP_SYS_ADMIN\"") ",\"linux\":{\"seccomp\":{}}}", true, false},
		{"{" RIGHTS("\"CAP_SYS_ADMIN\"") "," MASK "}", true, false},
		{"{" RIGHTS("\"CAP_CHOWN\"") "}", true, false},
		{"{\"mounts\":[]}", false, false},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		write_file("/run/containerd/" BUNDLE, t[i].text);
		CHECK_EQ(ask("/k8s.io/" ID), CONTAINER_TOLD);
		CHECK_EQ(facts.has_privileged, t[i].known);
		CHECK_EQ(facts.privileged, t[i].privileged);
	}
}

static void crio_has_labels_in_a_string(void)
{
	write_file(
		STORAGE "/" ID "/userdata/config.json",
		"{\"annotations\":{\"io.kubernetes.cri-o.ImageName\":\"quay.io/a/b:2\","
		"\"io.kubernetes.cri-o.ImageRef\":\"quay.io/a/b@sha256:" OTHER "\","
		"\"io.kubernetes.cri-o.Labels\":\"{\\\"app\\\":\\\"x\\\\n\\\",\\\"k\\\":\\\"v\\\"}\","
		"\"io.kubernetes.container.name\":\"web\",\"io.kubernetes.pod.name\":\"pod-1\","
		"\"io.kubernetes.pod.namespace\":\"shop\",\"io.kubernetes.pod.uid\":\"u-1\"}}");
	CHECK_EQ(ask("/kubepods.slice/kubepods-pod1.slice/crio-" ID ".scope"), CONTAINER_TOLD);
	CHECK_STR(fact(CONTAINER_NAME), "web");
	CHECK_STR(fact(CONTAINER_IMAGE), "quay.io/a/b:2");
	CHECK_STR(fact(CONTAINER_IMAGEID), "quay.io/a/b@sha256:" OTHER);
	CHECK_STR(fact(CONTAINER_LABELS), "app|x\n|k|v|");
	CHECK_STR(fact(CONTAINER_POD), "pod-1");
	CHECK_STR(fact(CONTAINER_NAMESPACE), "shop");
	CHECK_STR(fact(CONTAINER_PODUID), "u-1");
}

/* Annotations of podman's are those of the image, too: they are nobody's word on its name. */
static void podman_has_a_list(void)
{
	write_file(STORAGE "/" ID "/userdata/config.json",
		   "{\"annotations\":{\"io.kubernetes.cri-o.ImageName\":\"forged\"},"
		   "\"process\":{\"capabilities\":{\"bounding\":[\"CAP_SYS_ADMIN\"]}}}");
	write_file(
		STORAGE "/containers.json",
		"[{\"id\":\"" OTHER "\",\"names\":[\"other\"],\"image\":\"0\",\"metadata\":\"{}\"},"
		"{\"id\":\"" ID "\",\"names\":[\"web\",\"also\"],\"image\":\"" OTHER
		"\",\"layer\":\"\","
		"\"metadata\":\"{\\\"image-name\\\":\\\"docker.io/library/alpine:3\\\",\\\"name\\\":\\\"x\\\"}\","
		"\"flags\":{}},{\"id\":\"1\",\"names\":[\"last\"]}]");
	CHECK_EQ(ask("/machine.slice/libpod-" ID ".scope/container"), CONTAINER_TOLD);
	CHECK_STR(fact(CONTAINER_NAME), "web");
	CHECK_STR(fact(CONTAINER_IMAGE), "docker.io/library/alpine:3");
	CHECK_STR(fact(CONTAINER_IMAGEID), OTHER);
	CHECK(facts.has_privileged && facts.privileged);
}

static void names_are_all_there_is(void)
{
	CHECK_EQ(ask("/lxc.payload.web/x"), CONTAINER_TOLD);
	CHECK_STR(fact(CONTAINER_NAME), "web");
	CHECK_STR(fact(CONTAINER_ID), "<none>");
	CHECK_EQ(ask("/machine.slice/machine-my\\x2dbox.scope/payload"), CONTAINER_TOLD);
	CHECK_STR(fact(CONTAINER_NAME), "my-box");
}

static void lxc_lists_mounts(void)
{
	write_file(
		"/var/lib/lxc/web/config",
		"# lxc.mount.entry = /no /no none bind\nlxc.rootfs.path = dir:/x\n"
		"lxc.mount.auto = proc:mixed\n\nlxc.mount.entry = /srv/a=b data none rbind,ro,create=dir 0 0\n"
		"lxc.mount.entry=/dev/dri\t/dev/dri none bind,optional,rslave\n"
		"lxc.mount.entry = tmpfs run tmpfs mode=755 0 0\nlxc.mount.entry = /only\nlxc.mount.entry");
	CHECK_EQ(ask("/lxc.payload.web"), CONTAINER_TOLD);
	CHECK_STR(fact(CONTAINER_NAME), "web");
	CHECK_STR(fact(CONTAINER_MOUNTS), "/srv/a=b|/data||false||/dev/dri|/dev/dri||true|rslave|");
	CHECK_EQ(ask("/lxc.payload.other"), CONTAINER_TOLD);
	CHECK_STR(fact(CONTAINER_MOUNTS), "<none>");
}

/* Names are as their makers like: none leads out of its place. */
static void no_name_leads_elsewhere(void)
{
	static const char *const names[] = {"/lxc.payload...", "/lxc/..", "/lxc.payload.a b",
					    "/lxc.payload.-x", "/lxc.payload.a\\x2f..\\x2fb"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		write_file("/var/lib/config", "lxc.mount.entry = /a b none bind\n");
		write_file("/var/lib/lxc/config", "lxc.mount.entry = /a b none bind\n");
		write_file("/var/lib/lxc/a b/config", "lxc.mount.entry = /a b none bind\n");
		write_file("/var/lib/lxc/-x/config", "lxc.mount.entry = /a b none bind\n");
		write_file("/var/lib/lxc/b/config", "lxc.mount.entry = /a b none bind\n");
		CHECK_EQ(ask(names[i]), CONTAINER_TOLD);
		CHECK_STR(fact(CONTAINER_MOUNTS), "<none>");
	}
}

static void files_that_are_not_there_tell_nothing(void)
{
	CHECK_EQ(ask("/docker/" ID), CONTAINER_SILENT);
	CHECK_STR(fact(CONTAINER_NAME), "<none>");
	CHECK_STR(fact(CONTAINER_ID), ID);
	/* Another engine's is not asked. */
	write_file(DOCKER "/config.v2.json", "{\"Name\":\"/web\"}");
	CHECK_EQ(ask("/machine.slice/libpod-" ID ".scope"), CONTAINER_SILENT);
}

/* One of a container's files that is not right, and none is believed. */
static void broken_files_tell_nothing(void)
{
	static char large[128 * 1024];

	write_file(DOCKER "/config.v2.json", "{\"Name\":\"/web\"}");
	write_file(DOCKER "/hostconfig.json", "{\"Privileged\":tru");
	CHECK_EQ(ask("/docker/" ID), CONTAINER_BROKEN);
	CHECK_STR(fact(CONTAINER_NAME), "<none>");

	memset(large, ' ', sizeof(large));
	memcpy(large, "{}", 2);
	write_bytes(DOCKER "/config.v2.json", large, sizeof(large));
	CHECK_EQ(ask("/docker/" ID), CONTAINER_BROKEN);
	write_bytes(DOCKER "/config.v2.json", large, sizeof(large) - 1);
	CHECK_EQ(ask("/docker/" ID), CONTAINER_TOLD);
}

/* Others than root may write it, it is a link, or something that could keep a reader waiting. */
static void files_of_others_are_not_read(void)
{
	write_file(DOCKER "/config.v2.json", "{\"Name\":\"/web\"}");
	CHECK_EQ(chmod(path, 0660), 0);
	CHECK_EQ(ask("/docker/" ID), CONTAINER_BROKEN);

	write_file(DOCKER "/config.v2.json", "{\"Name\":\"/web\"}");
	CHECK_EQ(chmod(path, 0602), 0);
	CHECK_EQ(ask("/docker/" ID), CONTAINER_BROKEN);

	if (!geteuid()) {
		write_file(DOCKER "/config.v2.json", "{\"Name\":\"/web\"}");
		CHECK_EQ(chown(path, 1000, 0), 0);
		CHECK_EQ(ask("/docker/" ID), CONTAINER_BROKEN);
	}

	write_file(DOCKER "/real", "{\"Name\":\"/web\"}");
	CHECK_EQ(symlink("real", place(DOCKER "/config.v2.json")), 0);
	CHECK_EQ(ask("/docker/" ID), CONTAINER_BROKEN);

	CHECK_EQ(mkfifo(place(DOCKER "/config.v2.json"), 0600), 0);
	CHECK_EQ(ask("/docker/" ID), CONTAINER_BROKEN);
}

/* What is too long for its place is missing, and counted; so is what has a NUL in it. */
static void long_texts_are_missing(void)
{
	static char text[8192];
	size_t n = (size_t)sprintf(
		text,
		"{\"Name\":\"/%0512d\",\"Image\":\"%0513d\",\"Config\":{\"Image\":"
		"\"a\\u0000b\",\"Labels\":{\"a\":\"%04000d\",\"b\":\"%0100d\",\"c\":\"\"}}}",
		1, 2, 3, 4);

	CHECK(n < sizeof(text));
	write_file(DOCKER "/config.v2.json", text);
	CHECK_EQ(ask("/docker/" ID), CONTAINER_TOLD);
	CHECK_EQ(container_fact(&facts, CONTAINER_NAME).n, 512);
	CHECK_STR(fact(CONTAINER_IMAGE), "<none>");
	CHECK_EQ(facts.cut,
		 1u << CONTAINER_IMAGEID | 1u << CONTAINER_LABELS | 1u << CONTAINER_IMAGE);
}

const struct unit_test tests_container_read[] = {
	TEST(docker_tells_all),
	TEST(docker_has_pods),
	TEST(the_first_file_is_believed),
	TEST(balena_is_docker),
	TEST(containerd_tells_pods),
	TEST(rights_are_concluded),
	TEST(crio_has_labels_in_a_string),
	TEST(podman_has_a_list),
	TEST(names_are_all_there_is),
	TEST(lxc_lists_mounts),
	TEST(no_name_leads_elsewhere),
	TEST(files_that_are_not_there_tell_nothing),
	TEST(broken_files_tell_nothing),
	TEST(files_of_others_are_not_read),
	TEST(long_texts_are_missing),
	{0},
};
