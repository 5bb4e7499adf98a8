// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/* Since 6.3 flags of a mapping are not assigned to. */
#include <linux/mm.h>

void try(struct vm_area_struct *vma);
void try(struct vm_area_struct *vma)
{
	vm_flags_clear(vma, VM_MAYWRITE);
}
