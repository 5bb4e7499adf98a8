SUMMARY = "Runtime-security sensor for small machines"
DESCRIPTION = "Watches what processes do, by a probe in the kernel, and tells the syslog what an intruder does."
SECTION = "security"
LICENSE = "BSD-2-Clause & (BSD-2-Clause | GPL-2.0-only) & BSD-3-Clause"
LIC_FILES_CHKSUM = "file://LICENSE;md5=@LICENSE_MD5@ file://inih/LICENSE.txt;md5=@INIH_LICENSE_MD5@"
DEPENDS = "libbpf zlib"

# inih is compiled into the sensor, in a way that its library is not.
SRC_URI = "\
    ${TIERCEL_SITE}/tiercel-${PV}.tar.gz;name=tiercel \
    git://github.com/benhoyt/inih.git;protocol=https;branch=master;name=inih;destsuffix=${BP}/inih \
"
SRC_URI[tiercel.sha256sum] = "@SHA256@"
# r59
SRCREV_inih = "23acf2dd5af5287b0f170908c607560ab3995dae"

inherit pkgconfig systemd update-rc.d

SYSTEMD_SERVICE:${PN} = "tiercel.service"
INITSCRIPT_NAME = "tiercel"
INITSCRIPT_PARAMS = "start 50 2 3 4 5 . stop 50 0 1 6 ."

do_compile() {
    oe_runmake all
}

do_install() {
    oe_runmake install DESTDIR=${D} PREFIX=${prefix} INIT=none
    if ${@bb.utils.contains('DISTRO_FEATURES', 'systemd', 'true', 'false', d)}; then
        install -D -m 0644 ${S}/board/raspberrypi/tiercel.service ${D}${systemd_system_unitdir}/tiercel.service
    fi
    if ${@bb.utils.contains('DISTRO_FEATURES', 'sysvinit', 'true', 'false', d)}; then
        install -D -m 0755 ${S}/board/raspberrypi/S50tiercel ${D}${sysconfdir}/init.d/tiercel
    fi
}

CONFFILES:${PN} = "${sysconfdir}/tiercel/sensor.ini ${sysconfdir}/tiercel/rules.d/90-local.ini"

COMPATIBLE_HOST = "(x86_64|aarch64|arm).*-linux.*"
