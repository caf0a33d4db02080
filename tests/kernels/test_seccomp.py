"""The filter is run by an interpreter of classic BPF, on machines of both kinds."""

import errno

import pytest

from mlcourse.kernels.seccomp import program

ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NUMBERS = {
    "x86_64": {"read": 0, "socket": 41, "clone": 56, "ptrace": 101, "mount": 165},
    "aarch64": {"read": 63, "socket": 198, "clone": 220, "ptrace": 117, "mount": 40},
}
ALLOW, KILL, REFUSED = 0x7FFF0000, 0x80000000, 0x00050000
MACHINES = sorted(ARCH)


def verdict(machine, number, argument=0, *, arch=None):
    """Run the filter on one system call, as the kernel would."""
    lines, place, value = program(machine), 0, 0
    data = {0: number, 4: arch or ARCH[machine], 16: argument}
    while True:
        code, yes, no, constant = lines[place]
        place += 1
        if code == 0x20:
            value = data[constant]
        elif code == 0x06:
            return constant
        else:
            holds = {
                0x15: value == constant,
                0x35: value >= constant,
                0x45: bool(value & constant),
            }[code]
            place += yes if holds else no


@pytest.mark.parametrize("machine", MACHINES)
def test_ordinary_calls_pass(machine):
    assert verdict(machine, NUMBERS[machine]["read"]) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("call", ["ptrace", "mount"])
def test_calls_that_reach_out_are_refused(machine, call):
    assert verdict(machine, NUMBERS[machine][call]) == REFUSED | errno.EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_a_thread_may_be_started_and_a_namespace_not(machine):
    clone = NUMBERS[machine]["clone"]
    assert verdict(machine, clone, 0x3D0F00) == ALLOW
    assert verdict(machine, clone, 0x10000000 | 17) == REFUSED | errno.EPERM
    assert verdict(machine, 435) == REFUSED | errno.ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("family", "passes"), [(1, True), (2, True), (10, True), (16, True), (40, False)]
)
def test_sockets_of_known_families_only(machine, family, passes):
    wanted = ALLOW if passes else REFUSED | errno.EAFNOSUPPORT
    assert verdict(machine, NUMBERS[machine]["socket"], family) == wanted


def test_calls_of_another_machine_end_the_process():
    assert verdict("x86_64", 0, arch=0x40000003) == KILL


def test_the_second_number_space_of_x86_64_is_closed():
    assert verdict("x86_64", 0x40000000) == REFUSED | errno.EPERM


def test_an_unknown_machine_is_named():
    with pytest.raises(ValueError, match="riscv64"):
        program("riscv64")
