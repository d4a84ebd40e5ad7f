"""The programme as a whole: where it stands and what comes next, from answer sheets, with evidence beside them."""

from crmusage.programme._folder import Folder, begin_folder, load_folder
from crmusage.programme._json import as_json
from crmusage.programme._observed import Observed
from crmusage.programme._overview import Overview, overview
from crmusage.programme._steps import Part, Step, Turn, steps
from crmusage.programme._telling import Teller

__all__ = [
    "Folder",
    "Observed",
    "Overview",
    "Part",
    "Step",
    "Teller",
    "Turn",
    "as_json",
    "begin_folder",
    "load_folder",
    "overview",
    "steps",
]
