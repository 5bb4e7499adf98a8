/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The probes inside of the program, compressed: that for kernels of its own width, and that for
 * 64-bit ones, if those are others. See probe.h.
 */
	.section .rodata.probe, "a", %progbits
	.globl probe_native, probe_native_end, probe_wide, probe_wide_end
probe_native:
	.incbin "probes.0.gz"
probe_native_end:
probe_wide:
#ifdef PROBE_WIDE
	.incbin "probes.1.gz"
#endif
probe_wide_end:
	.byte 0
	.section .note.GNU-stack, "", %progbits
