"""C++ for ROOT's interpreter."""

from hepbench.analyses import AnalysisError


def compile_cpp(code: str, what: str) -> None:
    """Declares `code` to ROOT's interpreter; AnalysisError when it does not compile."""
    import ROOT

    if not ROOT.gInterpreter.Declare(code):
        raise AnalysisError(f"ROOT could not compile {what} (its messages are on standard error, file descriptor 2)")
