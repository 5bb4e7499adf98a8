/* SPDX-License-Identifier: BSD-2-Clause */
/* The probe's object file, as it is, inside of the program: PROBE_OBJECT is its path. */
	.section .rodata.probe, "a", %progbits
	.balign 16
	.globl probe_object, probe_object_end
probe_object:
	.incbin PROBE_OBJECT
probe_object_end:
	.byte 0
	.section .note.GNU-stack, "", %progbits
