"""Which exercise does a reading set? The paper's tasks as token sequences, made when needed."""

from trainer.tasks.bank import bank_of, texts_of
from trainer.tasks.choice import choose, mixture_at
from trainer.tasks.exercises import Exercise, Setting, exercise
from trainer.tasks.questions import Question, QuestionBank, questions_of
from trainer.tasks.table import read_questions

__all__ = [
    "Exercise",
    "Question",
    "QuestionBank",
    "Setting",
    "bank_of",
    "choose",
    "exercise",
    "mixture_at",
    "questions_of",
    "read_questions",
    "texts_of",
]
