"""Peers that build an expression, derive it and then evaluate it: CasADi, SymPy."""

from typing import Any

from benchmarks.peers.own import Function, Functions, Make, Run, imported, total


def load_casadi() -> Make:
    """CasADi's scalar graphs (SX), run by its virtual machine."""
    casadi = imported("casadi")

    functions: Functions = {"sin": casadi.sin, "tanh": casadi.tanh, "sum": total}

    def make(function: Function, values: list[float]) -> Run:
        inputs = casadi.SX.sym("x", len(values))
        output = function(casadi.vertsplit(inputs), functions)
        both = casadi.Function("both", [inputs], [output, casadi.gradient(output, inputs)])

        def run() -> tuple[Any, list[Any]]:
            value, gradients = both(values)
            return value, gradients.full().ravel().tolist()

        return run

    return make


def load_sympy() -> Make:
    """SymPy: the derivative by each symbol, then the numbers put in."""
    sympy = imported("sympy")

    functions: Functions = {
        "sin": sympy.sin,
        "tanh": sympy.tanh,
        # Its own way with many terms: one + after the other would sort them all every time.
        "sum": lambda terms: sympy.Add(*terms),
    }

    def make(function: Function, values: list[float]) -> Run:
        inputs = list(sympy.symbols(f"x:{len(values)}"))
        output = function(inputs, functions)
        gradients = [sympy.diff(output, symbol) for symbol in inputs]

        def run() -> tuple[Any, list[Any]]:
            compute = sympy.lambdify([inputs], [output, *gradients], "math")
            value, *numbers = compute(values)
            return value, numbers

        return run

    return make
