/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of containers: records, the table, and the fields that speak of them. */
#include "../../core/container.h"
#include "fields.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define USER_SLICE "/user.slice/user-1000.slice/user@1000.service"

/* A program that starts in a control group, as process vpid of its namespace. */
static void exec_in(const char *cgroup, int vpid)
{
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set_str("comm", "prog");
	event_set_str("cgroup", cgroup);
	event_set("vpid", vpid);
	ask();
}

static void begin_info(const char *id)
{
	event_begin(TRC_CONTAINERINFO);
	event_set_str("container", id);
}

static void inform(const char *id, const char *name)
{
	begin_info(id);
	event_set_str("name", name);
	feed();
}

static void inform_all(void)
{
	begin_info("0123456789ab");
	event_set_str("id", ID);
	event_set_str("name", "web");
	event_set_str("image", "registry:5000/a/nginx:1.25");
	event_set_str("imageid", OTHER);
	event_set_str("namespace", "shop");
	event_set_str("pod", "pod-1");
	event_set_str("poduid", "u-1");
	event_set_bytes("mounts", "/etc\0/data\0\0false\0rprivate\0/srv/x\0/y\0ro\0true\0\0");
	event_set_bytes("labels", "app\0x\0empty\0\0io.kubernetes.pod.name\0pod-1\0");
	event_set("privileged", 1);
	feed();
}

static void all_fields_are_there(void)
{
	begin();
	inform_all();
	exec_in("/docker/" ID, 1);
	IS("container.id", "0123456789ab");
	IS("container.full_id", ID);
	IS("container.name", "web");
	IS("container.image", "registry:5000/a/nginx:1.25");
	IS("container.image.repository", "registry:5000/a/nginx");
	IS("container.image.tag", "1.25");
	IS("container.image.digest", "<none>");
	IS("container.image.id", OTHER);
	IS("container.privileged", "true");
	/* Ticks of 1/100 s since boot, which was an hour after 1970. */
	IS("container.start_ts", "3600070000000");
	IS("container.duration", "4930000000");
	IS("container.mounts", "/etc:/data::false:rprivate,/srv/x:/y:ro:true:");
	IS("container.labels", "app:x, empty");
	IS("container.label[app]", "x");
	IS("container.label[empty]", "");
	IS("container.label[ap]", "<none>");
	IS("container.label[io.kubernetes.pod.name]", "pod-1");
	IS("k8s.ns.name", "shop");
	IS("k8s.pod.name", "pod-1");
	IS("k8s.pod.uid", "u-1");
	IS("k8s.pod.id", "u-1");
}

static void mounts_are_found(void)
{
	begin();
	inform_all();
	exec_in("/docker/" ID, 1);
	IS("container.mount.dest[/etc]", "/data");
	IS("container.mount.dest[/etc*]", "/data");
	IS("container.mount.dest[/e?c]", "/data");
	IS("container.mount.dest[/srv/*]", "/y");
	IS("container.mount.dest[*]", "/data");
	IS("container.mount.dest[/et]", "<none>");
	IS("container.mount.dest[etc]", "<none>");
	IS("container.mount.dest[/data]", "<none>");
	IS("container.mount.dest[0]", "/data");
	IS("container.mount.dest[1]", "/y");
	IS("container.mount.dest[2]", "<none>");
	IS("container.mount.dest[10]", "<none>");
	IS("container.mount.source[/y]", "/srv/x");
	IS("container.mount.source[/srv/x]", "<none>");
	IS("container.mount.source[0]", "/etc");
	IS("container.mount.mode[/srv/x]", "ro");
	IS("container.mount.mode[/etc]", "");
	IS("container.mount.rdwr[/etc]", "false");
	IS("container.mount.rdwr[1]", "true");
	IS("container.mount.propagation[/etc]", "rprivate");
}

static void a_key_must_be_there(void)
{
	struct field_ref ref;

	CHECK(field_find(STR("container.mount.dest"), &ref) < 0);
	CHECK(field_find(STR("container.label"), &ref) < 0);
	CHECK(field_find(STR("container.label[]"), &ref) < 0);
	CHECK_EQ(field_find(STR("container.label[a/b-c]"), &ref), 0);
}

static void image(const char *name, const char *id, const char *repository, const char *tag,
		  const char *digest)
{
	begin_info("0123456789ab");
	event_set_str("image", name);
	event_set_str("imageid", id);
	feed();
	exec_in("/docker/" ID, 1);
	IS("container.image", name);
	IS("container.image.repository", repository);
	IS("container.image.tag", tag);
	IS("container.image.digest", digest);
}

static void images_are_taken_apart(void)
{
	begin();
	image("nginx", "5", "nginx", "latest", "<none>");
	IS("container.image.id", "5");
	image("nginx:1", "5", "nginx", "1", "<none>");
	image("host:5000/nginx", "5", "host:5000/nginx", "latest", "<none>");
	image("host:5000/nginx:2", "5", "host:5000/nginx", "2", "<none>");
	image("a/nginx@sha256:12", "5", "a/nginx", "<none>", "sha256:12");
	image("a/nginx:3@sha256:12", "5", "a/nginx", "3", "sha256:12");
	image("a/nginx:3", "a/nginx@sha256:12", "a/nginx", "3", "sha256:12");
	IS("container.image.id", "<none>");
	image("sha256:12ab", "5", "<none>", "<none>", "<none>");
	image("12ab", "12abcd", "<none>", "<none>", "<none>");
	image("12ab", "12cd", "12ab", "latest", "<none>");
	image("", "5", "<none>", "<none>", "<none>");
}

static void what_is_not_known_is_missing(void)
{
	static const char *const fields[] = {
		"container.full_id",  "container.name",	       "container.image",
		"container.image.id", "container.image.tag",   "container.image.repository",
		"container.mounts",   "container.labels",      "container.privileged",
		"k8s.ns.name",	      "k8s.pod.name",	       "container.mount.dest[0]",
		"container.label[a]", "container.image.digest"};

	begin();
	begin_info("0123456789ab");
	feed();
	exec_in("/docker/" ID, 1);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		IS(fields[i], "<none>");
	IS("container.start_ts", "3600070000000");
	exec_in("/docker/" OTHER, 1);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		IS(fields[i], "<none>");
	IS("container.start_ts", "<none>");
}

static void the_host_has_a_name(void)
{
	begin();
	exec_in("/system.slice/ssh.service", 100);
	IS("container.name", "host");
	IS("container.privileged", "<none>");
	IS("container.start_ts", "<none>");
}

static void lists_that_are_empty_are_there(void)
{
	begin();
	begin_info("0123456789ab");
	event_set_bytes("mounts", "");
	event_set_bytes("labels", "");
	event_set("privileged", 0);
	feed();
	exec_in("/docker/" ID, 1);
	IS("container.mounts", "");
	IS("container.labels", "");
	IS("container.privileged", "false");
}

/* Who may make a control group's name up borrows nobody's image. */
static void made_up_containers_know_nothing(void)
{
	begin();
	inform_all();
	exec_in(USER_SLICE "/docker-" ID ".scope", 1);
	IS("container.id", "0123456789ab");
	IS("container.name", "<none>");
	exec_in("/docker/" OTHER "/docker/" ID, 1);
	IS("container.id", "0123456789ab");
	IS("container.image", "<none>");
	exec_in("/docker/" ID, 1);
	IS("container.name", "web");
}

/* Only process 1 of the container's own namespace is its start. */
static void others_do_not_start_it(void)
{
	begin();
	inform_all();
	exec_in("/docker/" ID, 7);
	IS("container.start_ts", "<none>");
	event_begin(TRC_EXECVE);
	event_rec.hdr.pid = event_rec.hdr.tid = 200;
	event_rec.hdr.start = 400;
	event_set("res", 0);
	event_set_str("cgroup", "/docker/" ID);
	event_set("vpid", 1);
	ask();
	IS("container.start_ts", "3604000000000");
	exec_in("/docker/" ID, 7);
	IS("container.start_ts", "3604000000000");
	IS("container.duration", "1000000000");
	openat_event(3, 0, "/x");
	event_rec.hdr.ts = 3999999999;
	ask();
	IS("container.duration", "<none>");
}

/* The table of these tests has room for four. */
static void the_least_used_makes_way(void)
{
	begin();
	inform_all();
	exec_in("/docker/" ID, 1);
	for (int i = 0; i < 10; i++) {
		char id[13];

		snprintf(id, sizeof(id), "%012d", i);
		inform(id, "other");
		openat_event(3, 0, "/x"); /* of the process that is in the first one */
		ask();
	}
	CHECK_EQ(stats.cont_evicted, 7);
	IS("container.name", "web");
	inform("0123456789ab", "new");
	CHECK_EQ(stats.cont_evicted, 7);
	IS("container.name", "new");
	IS("container.image", "<none>");
	IS("container.privileged", "<none>");
	IS("container.start_ts", "3600070000000");
}

static void its_place_keeps_nothing_of_it(void)
{
	begin();
	inform_all();
	exec_in("/docker/" ID, 1);
	for (int i = 0; i < 4; i++) {
		char id[13];

		snprintf(id, sizeof(id), "fffffffffff%c", i == 3 ? 'f' : '0' + i);
		inform(id, "other");
	}
	exec_in("/docker/" OTHER, 7);
	IS("container.name", "other");
	IS("container.start_ts", "<none>");
	IS("container.privileged", "<none>");
}

static void what_does_not_fit_is_counted(void)
{
	static char list[4000];

	begin();
	memset(list, 'a', sizeof(list) - 1);
	begin_info("0123456789ab");
	record_bytes(&event_rec, event_slot("mounts"), list, sizeof(list));
	record_bytes(&event_rec, event_slot("labels"), list, sizeof(list));
	feed();
	CHECK_EQ(stats.cont_cut, 1);
	exec_in("/docker/" ID, 1);
	IS("container.labels", "<none>");
}

/* Is it the first that is heard of a container? A record of the process says which it is. */
static void new_containers_are_told(void)
{
	struct container c;

	begin();
	exec_in("/docker/" ID, 1);
	CHECK(state_new_container(state, event_done(), &c));
	CHECK_STR((const char *)c.id, "0123456789ab");
	CHECK_STR(c.whole, ID);
	inform("0123456789ab", "web");
	exec_in("/docker/" ID, 1);
	CHECK(!state_new_container(state, event_done(), &c));
	exec_in("/system.slice", 1);
	CHECK(!state_new_container(state, event_done(), &c));
	exec_in(USER_SLICE "/docker-" OTHER ".scope", 1);
	CHECK(!state_new_container(state, event_done(), &c));
	openat_event(3, 0, "/x");
	CHECK(!state_new_container(state, event_done(), &c));
}

static void odd_records_do_no_harm(void)
{
	char name[PROC_CONTAINER_MAX + 1];

	begin();
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	inform(name, "long");
	inform("", "empty");
	begin_info("0123456789ab");
	event_set_bytes("mounts", "/etc\0/data\0\0false\0rprivate");
	event_set_bytes("labels", "app\0xyz");
	feed();
	exec_in("/docker/" ID, 1);
	IS("container.mount.dest[0]", "<none>");
	IS("container.label[app]", "<none>");
	IS("container.labels", "");
}

const struct unit_test tests_conttab[] = {
	TEST(all_fields_are_there),
	TEST(mounts_are_found),
	TEST(a_key_must_be_there),
	TEST(images_are_taken_apart),
	TEST(what_is_not_known_is_missing),
	TEST(the_host_has_a_name),
	TEST(lists_that_are_empty_are_there),
	TEST(made_up_containers_know_nothing),
	TEST(others_do_not_start_it),
	TEST(the_least_used_makes_way),
	TEST(its_place_keeps_nothing_of_it),
	TEST(what_does_not_fit_is_counted),
	TEST(new_containers_are_told),
	TEST(odd_records_do_no_harm),
	{0},
};
