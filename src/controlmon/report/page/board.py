"""The page of what stands now: one file, to be put on a screen or sent to somebody who asks."""

from typing import TextIO

from controlmon.engine.board import Board
from controlmon.report import words
from controlmon.report.page import environment, part, policy


def write(board: Board, out: TextIO) -> None:
    """Write the page (HTML, UTF-8). It holds no script and asks for nothing: the same board gives the same bytes."""
    style = part("page.css") + part("board.css")
    env = environment()
    env.filters["framework"] = words.framework
    out.writelines(env.get_template("board.html").generate(b=board, style=style, policy=policy(style)))
