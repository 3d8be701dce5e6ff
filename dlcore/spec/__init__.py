"""What a declaration is made of: fields, registries, calls, problems and the codec that carries them."""

from dlcore.spec.call import Call
from dlcore.spec.declared import LIVE, Declared
from dlcore.spec.problem import Problem, SpecError
from dlcore.spec.registry import Registry

__all__ = ["LIVE", "Call", "Declared", "Problem", "Registry", "SpecError"]
