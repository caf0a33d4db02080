"""Warm and sandboxed kernels for Jupyter, by kernel name and without a patch.

Three processes stand behind a warm kernel. The *template* imports what the labs use,
once, and forks. The *supervisor*, one a kernel, is the kernel's parent: it holds the
connection of whoever asked for the kernel as a lease, and when that connection ends the
kernel ends. The *kernel* runs the learner's code. A sandboxed kernel has namespaces and
limits of its own, and its template runs inside bubblewrap.

The provisioner (:mod:`mlcourse.kernels.provisioner`) is what Jupyter loads; the rest is
loaded by the template.
"""
