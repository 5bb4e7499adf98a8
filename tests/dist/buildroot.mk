# The commands of the Buildroot package, with what Buildroot would bring for them; tests/dist/run calls it:
#
#	make -f buildroot.mk BR2_EXTERNAL_TIERCEL_PATH= TARBALL= TIERCEL_DL_DIR= TARGET_DIR= CC= STAGING= WORK= INIT_SYSTEM=

# With LINUX_DIR= and BR2_PACKAGE_TIERCEL_MODULE=y the kernel module too, with BR2_PACKAGE_TIERCEL_PACK=y the kernel's pack; the
# goal `options` prints which the kernel gets.

# As package/pkg-kernel-module.mk has it.
define kernel-module
define TIERCEL_KERNEL_MODULE
	$$(foreach d,$$(TIERCEL_MODULE_SUBDIRS),$$(foreach goal,modules modules_install,\
		$$(MAKE) -C $$(LINUX_DIR) INSTALL_MOD_PATH=$$(TARGET_DIR) DEPMOD=true CC=$$(HOSTCC) $$(TIERCEL_MODULE_MAKE_OPTS) \
			M=$$(@D)/$$(d) PWD=$$(@D)/$$(d) $$(goal)$$(sep)))
endef
endef

include $(BR2_EXTERNAL_TIERCEL_PATH)/package/tiercel/tiercel.mk

define sep


endef
qstrip = $(strip $(subst ",,$(1)))#"
github = github/$(1)/$(2)/$(3)
suitable-extractor = gzip -d -c
HOSTCC := gcc
TAR := tar
TAR_OPTIONS := -xf
INSTALL := install
TARGET_CC = $(CC)
KCONFIG_ENABLE_OPT = @echo $(1)
TARGET_MAKE_ENV := STATIC=1 LIBBPF_CFLAGS=-I$(STAGING)/include LIBBPF_LIBS='-L$(STAGING)/lib -lbpf -lelf -lz'
TARGET_CONFIGURE_OPTS := CC='$(CC)' CFLAGS='-Os -pipe' LDFLAGS='-Wl,-O1' STRIP=false

# In Buildroot too @D is the package's directory.
$(WORK)/tiercel-$(TIERCEL_VERSION)/stamp:
	tar -C $(WORK) -xf $(TARBALL)
	$(foreach hook,$(TIERCEL_POST_EXTRACT_HOOKS),$(call $(hook))$(sep))
	$(TIERCEL_BUILD_CMDS)
	$(foreach hook,$(TIERCEL_POST_BUILD_HOOKS),$(call $(hook))$(sep))
	$(TIERCEL_INSTALL_TARGET_CMDS)
	$(foreach hook,$(TIERCEL_POST_INSTALL_TARGET_HOOKS),$(call $(hook))$(sep))
	$(TIERCEL_INSTALL_INIT_$(INIT_SYSTEM))
	$(TIERCEL_KERNEL_MODULE)

options:
	$(TIERCEL_LINUX_CONFIG_FIXUPS)
