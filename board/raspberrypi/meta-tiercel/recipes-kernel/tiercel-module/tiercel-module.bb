SUMMARY = "Kernel module of the tiercel runtime-security sensor"
DESCRIPTION = "Sees what the sensor's probe sees, on kernels without BPF or BTF."
SECTION = "kernel/modules"
LICENSE = "BSD-2-Clause | GPL-2.0-only"
LIC_FILES_CHKSUM = "file://LICENSE;md5=@LICENSE_MD5@"

SRC_URI = "${TIERCEL_SITE}/tiercel-${PV}.tar.gz"
SRC_URI[sha256sum] = "@SHA256@"
# The tarball and its directory are the sensor's.
BPN = "tiercel"

inherit module

EXTRA_OEMAKE += "-C ${STAGING_KERNEL_DIR} M=${S}/driver/module TIERCEL_VERSION=${PV}"
MAKE_TARGETS = "modules"

RPROVIDES:${PN} += "kernel-module-tiercel"
