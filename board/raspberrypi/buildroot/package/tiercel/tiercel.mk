################################################################################
#
# tiercel
#
################################################################################

TIERCEL_VERSION = @VERSION@
TIERCEL_SITE = $(or $(call qstrip,$(BR2_PACKAGE_TIERCEL_SITE)),file://$(realpath $(BR2_EXTERNAL_TIERCEL_PATH)/..))
TIERCEL_LICENSE = BSD-2-Clause, BSD-2-Clause or GPL-2.0 (probe), BSD-3-Clause (inih)
TIERCEL_LICENSE_FILES = LICENSE inih/LICENSE.txt
TIERCEL_DEPENDENCIES = host-pkgconf libbpf zlib

# inih is compiled into the sensor, in a way that its library is not.
TIERCEL_INIH_SOURCE = inih-@INIH_VERSION@.tar.gz
TIERCEL_EXTRA_DOWNLOADS = $(call github,benhoyt,inih,r@INIH_VERSION@)/$(TIERCEL_INIH_SOURCE)

# What the kernel must have: a fragment, one option a line. A pack stands in for BTF.
TIERCEL_LINUX_OPTIONS = $(filter-out $(if $(BR2_PACKAGE_TIERCEL_PACK),CONFIG_DEBUG_%), \
	$(shell sed -n 's/=y$$//p' $(BR2_EXTERNAL_TIERCEL_PATH)/tiercel.cfg))
define TIERCEL_LINUX_CONFIG_FIXUPS
	$(foreach option,$(TIERCEL_LINUX_OPTIONS), \
		$(call KCONFIG_ENABLE_OPT,$(option))$(sep))
endef

define TIERCEL_EXTRACT_INIH
	mkdir -p $(@D)/inih
	$(call suitable-extractor,$(TIERCEL_INIH_SOURCE)) $(TIERCEL_DL_DIR)/$(TIERCEL_INIH_SOURCE) | \
		$(TAR) --strip-components=1 -C $(@D)/inih $(TAR_OPTIONS) -
endef
TIERCEL_POST_EXTRACT_HOOKS += TIERCEL_EXTRACT_INIH

define TIERCEL_BUILD_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) $(TARGET_CONFIGURE_OPTS) -C $(@D) all
endef

define TIERCEL_INSTALL_TARGET_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) $(TARGET_CONFIGURE_OPTS) -C $(@D) \
		DESTDIR=$(TARGET_DIR) INIT=none install
endef

define TIERCEL_INSTALL_INIT_SYSTEMD
	$(INSTALL) -D -m 0644 $(@D)/board/raspberrypi/tiercel.service \
		$(TARGET_DIR)/usr/lib/systemd/system/tiercel.service
endef

define TIERCEL_INSTALL_INIT_SYSV
	$(INSTALL) -D -m 0755 $(@D)/board/raspberrypi/S50tiercel \
		$(TARGET_DIR)/etc/init.d/S50tiercel
endef

# By the image's compiler, or by pahole where that makes no BTF.
ifeq ($(BR2_PACKAGE_TIERCEL_PACK),y)
TIERCEL_DEPENDENCIES += linux host-bpftool host-python3
TIERCEL_DEPENDENCIES += $(if $(BR2_TOOLCHAIN_GCC_AT_LEAST_12),,host-pahole)

define TIERCEL_BUILD_PACK
	$(TARGET_MAKE_ENV) $(@D)/toolchain/kernel-pack --cc "$(TARGET_CC)" -o $(@D)/packs $(LINUX_DIR)
endef
TIERCEL_POST_BUILD_HOOKS += TIERCEL_BUILD_PACK

define TIERCEL_INSTALL_PACK
	$(INSTALL) -D -m 0644 $(@D)/packs $(TARGET_DIR)/usr/lib/tiercel/packs
endef
TIERCEL_POST_INSTALL_TARGET_HOOKS += TIERCEL_INSTALL_PACK
endif

ifeq ($(BR2_PACKAGE_TIERCEL_MODULE),y)
TIERCEL_MODULE_SUBDIRS = driver/module
TIERCEL_MODULE_MAKE_OPTS = TIERCEL_VERSION=$(TIERCEL_VERSION)
$(eval $(kernel-module))
endif

$(eval $(generic-package))
