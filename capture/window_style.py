"""How do the operator's windows look?"""

__all__ = ["STYLE", "TONES"]

TONES = {"good": "#3fbf7f", "warn": "#f2b134", "bad": "#ff6b6b", "quiet": "#8d96a3"}
"""The colour of each tone; a word always says the same."""

STYLE = """
QWidget { background: #14171c; color: #e8ebef; font-size: 14px; }
QPushButton { background: #2a313b; border: 1px solid #4a525e; border-radius: 4px;
              padding: 9px 12px; font-size: 14px; }
QPushButton:hover { background: #37404c; }
QPushButton:disabled { color: #6d7683; }
QPushButton#start { background: #1d5c3f; border-color: #3fbf7f; font-weight: 600; }
QPushButton#start:disabled { background: #2a313b; border-color: #4a525e; }
QLineEdit, QComboBox, QPlainTextEdit { background: #1d2229; border: 1px solid #4a525e;
              border-radius: 4px; padding: 6px; }
QComboBox QAbstractItemView { background: #1d2229; selection-background-color: #37404c; }
QCheckBox::indicator { width: 16px; height: 16px; border: 1px solid #8d96a3; border-radius: 3px; }
QCheckBox::indicator:checked { background: #3fbf7f; }
QScrollArea { border: 1px solid #2a313b; }
QPushButton#stop { background: #6b2328; border-color: #ff6b6b; }
QLabel#title { font-size: 17px; font-weight: 600; }
QLabel#quiet { color: #9aa3af; font-size: 12px; }
QLabel#simulated { background: #5b4300; color: #ffd67a; padding: 4px 8px; font-weight: 600; }
"""
"""The one style sheet of the monitor and of the launcher: dark, so that it does not dazzle."""
