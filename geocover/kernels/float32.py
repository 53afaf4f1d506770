"""Arithmetic of the radial sweep in float32: what LLVM turns into vector instructions.

`max` and the functions of `math` keep numba's loops scalar. The functions here are straight arithmetic with
selects, so that a loop over pixels or profile points runs on all lanes of the processor. The polynomials are
minimax fits of our own; the error beside each is tested.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.extending import intrinsic

Build = Callable[..., ir.Value]
Built = tuple[Any, Build]
Function = TypeVar("Function", bound=Callable[..., Any])

# To mypy what they make is a plain float or int, as everywhere in the kernels.
f32 = cast("Callable[[float], float]", np.float32)
u64 = cast("Callable[[int], int]", np.uint64)
i64 = cast("Callable[[float], int]", np.int64)

# No reassociation and no reciprocals: a pixel gets the same bits in whichever lane it is computed.
FLAGS = {"nnan", "nsz", "contract"}


def borrowing(**options: object) -> Callable[[Function], Function]:
    """`njit` for functions that make no array, and only borrow those that they are given.

    Counting references to the arrays of a tuple at each call took a seventh of the sweep's time.
    """
    compile_with: Any = njit
    made: Callable[[Function], Function] = compile_with(
        cache=True, nogil=True, error_model="numpy", _nrt=False, **options
    )
    return made


def _machine(function: Callable[..., Built]) -> Callable[..., float]:
    """Make a numba intrinsic whose calls have a type."""
    made: Callable[..., float] = intrinsic(function)
    return made


def _of_float32(arguments: int, build: Build) -> Built:
    """Type and code of an intrinsic from float32 to float32."""

    def generate(
        _context: object, builder: ir.IRBuilder, _signature: object, args: list[ir.Value]
    ) -> ir.Value:
        return build(builder, *args)

    return types.float32(*[types.float32] * arguments), generate


@_machine
def greater(typing_context: object, a: types.Type, b: types.Type) -> Built:  # noqa: ARG001
    """Larger of two float32 without regard to NaN: a compare and a select, which reductions vectorise."""

    def build(builder: ir.IRBuilder, x: ir.Value, y: ir.Value) -> ir.Value:
        flags = ("nnan", "nsz")
        return builder.select(builder.fcmp_ordered(">", x, y, flags=flags), x, y, flags=flags)

    return _of_float32(2, build)


@_machine
def _exponent(typing_context: object, value: types.Type) -> Built:  # noqa: ARG001
    """Power of two, as a float32, that leaves a mantissa of 0.71 to 1.41."""

    def build(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
        word = ir.IntType(32)
        bits = builder.sub(builder.bitcast(x, word), ir.Constant(word, 0x3F3504F3))
        return builder.sitofp(builder.ashr(bits, ir.Constant(word, 23)), ir.FloatType())

    return _of_float32(1, build)


@_machine
def _mantissa(typing_context: object, value: types.Type) -> Built:  # noqa: ARG001
    """What `_exponent` leaves of a positive float32."""

    def build(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
        word = ir.IntType(32)
        bits = builder.bitcast(x, word)
        power = builder.and_(builder.sub(bits, ir.Constant(word, 0x3F3504F3)), ir.Constant(word, -0x00800000))
        return builder.bitcast(builder.sub(bits, power), ir.FloatType())

    return _of_float32(1, build)


@_machine
def _power_of_two(typing_context: object, exponent: types.Type) -> Built:  # noqa: ARG001
    """Two to a whole number given as float32, -126 to 127."""

    def build(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
        word = ir.IntType(32)
        biased = builder.add(builder.fptosi(x, word), ir.Constant(word, 127))
        return builder.bitcast(builder.shl(biased, ir.Constant(word, 23)), ir.FloatType())

    return _of_float32(1, build)


@_machine
def whole(typing_context: object, value: types.Type) -> Built:  # noqa: ARG001
    """Part of a float32 before the point, as float32 (towards zero)."""

    def build(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
        return builder.sitofp(builder.fptosi(x, ir.IntType(32)), ir.FloatType())

    return _of_float32(1, build)


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def lesser(a: float, b: float) -> float:
    """Smaller of two float32 without regard to NaN."""
    return -greater(-a, -b)


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def log2(x: float) -> float:
    """Logarithm to base two of a positive float32; errs by at most 4e-7 or one unit of the last place."""
    t = _mantissa(x) - f32(1.0)
    p = f32(-0.14972813427448273)
    p = p * t + f32(0.23570780456066132)
    p = p * t + f32(-0.24832366406917572)
    p = p * t + f32(0.2868691384792328)
    p = p * t + f32(-0.3602634072303772)
    p = p * t + f32(0.4809311628341675)
    p = p * t + f32(-0.7213525176048279)
    p = p * t + f32(1.442694902420044)
    return p * t + _exponent(x)


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def exp2(x: float) -> float:
    """Two to a float32 between -126 and 126 (held there); errs by at most 3e-7 of the value."""
    held = greater(lesser(x, f32(126.0)), f32(-126.0))
    n = whole(held + f32(512.5)) - f32(512.0)
    t = held - n
    p = f32(0.0013409991515800357)
    p = p * t + f32(0.009676036424934864)
    p = p * t + f32(0.05550297349691391)
    p = p * t + f32(0.2402210682630539)
    p = p * t + f32(0.6931472420692444)
    p = p * t + f32(1.0)
    return p * _power_of_two(n)


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def atan(x: float) -> float:
    """Arctangent of a float32, radians; errs by at most 1e-6."""
    size = greater(x, -x)
    steep = size > f32(1.0)
    t = f32(1.0) / size if steep else size
    s = t * t
    p = f32(0.008006643503904343)
    p = p * s + f32(-0.03744222968816757)
    p = p * s + f32(0.08435327559709549)
    p = p * s + f32(-0.13512136042118073)
    p = p * s + f32(0.1988731324672699)
    p = p * s + f32(-0.3332701325416565)
    p = p * s + f32(0.9999994039535522)
    angle = p * t
    angle = f32(1.5707963267948966) - angle if steep else angle
    return -angle if x < f32(0.0) else angle


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def third_sine(y: float) -> float:
    """sin(arcsin(y) / 3) of a float32 from 0 to 1: errs by at most 2e-7."""
    p = f32(0.002295948565006256)
    p = p * y + f32(-0.011146169155836105)
    p = p * y + f32(0.026899896562099457)
    p = p * y + f32(-0.048802513629198074)
    p = p * y + f32(0.08875564485788345)
    p = p * y + f32(-0.21458527445793152)
    p = p * y + f32(1.5707961320877075)
    third: float = (f32(1.5707963267948966) - np.sqrt(f32(1.0) - y) * p) * f32(1.0 / 3.0)
    s = third * third
    series: float = f32(1.0) + s * (f32(-1.0 / 6.0) + s * (f32(1.0 / 120.0) - s * f32(1.0 / 5040.0)))
    return third * series
