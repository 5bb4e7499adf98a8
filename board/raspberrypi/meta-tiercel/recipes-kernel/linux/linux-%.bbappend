# A kernel whose recipe takes fragments gets what the sensor needs, where the distribution asks for it.
require ${@'tiercel-kernel.inc' if bb.data.inherits_class('kernel-yocto', d) and bb.utils.contains('DISTRO_FEATURES', 'tiercel', True, False, d) else ''}
