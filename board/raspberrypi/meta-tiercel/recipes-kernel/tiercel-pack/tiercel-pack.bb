SUMMARY = "Pack of the image's kernel for the tiercel runtime-security sensor"
DESCRIPTION = "What the sensor's probe has to know of the kernel, where that has no BTF of its own."
SECTION = "security"
LICENSE = "BSD-2-Clause"
LIC_FILES_CHKSUM = "file://LICENSE;md5=@LICENSE_MD5@"
# The kernel's compiler makes the BTF; pahole does where that cannot.
DEPENDS = "bpftool-native pahole-native"

SRC_URI = "${TIERCEL_SITE}/tiercel-${PV}.tar.gz"
SRC_URI[sha256sum] = "@SHA256@"
# The tarball and its directory are the sensor's.
BPN = "tiercel"

inherit kernel-arch python3native

PACKAGE_ARCH = "${MACHINE_ARCH}"

# The kernel is built: include/generated says as what.
do_compile[depends] += "virtual/kernel:do_shared_workdir"
do_configure[noexec] = "1"

do_compile() {
    ${S}/toolchain/kernel-pack --cc "${KERNEL_CC}" --source ${STAGING_KERNEL_DIR} -o ${B}/packs ${STAGING_KERNEL_BUILDDIR}
}

do_install() {
    install -D -m 0644 ${B}/packs ${D}${nonarch_libdir}/tiercel/packs
}

FILES:${PN} = "${nonarch_libdir}/tiercel/packs"

COMPATIBLE_HOST = "(x86_64|aarch64|arm).*-linux.*"
