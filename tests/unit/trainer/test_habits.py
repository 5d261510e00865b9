"""Are steps told by their words, and times those of the readers?"""

from collections.abc import Callable
from pathlib import Path

from gazekit.model.dataset import open_dataset
from trainer.habits import Habits, StepHabit, habits_of


def test_a_step_is_told_by_its_words() -> None:
    def habit(name: str, **words: int) -> StepHabit:
        return StepHabit(name=name, sentences=5, sentence_us=1, pause_us=1, words=words)

    habits = Habits(steps={"A": habit("Airways", trachea=5), "C": habit("Circulation", heart=5)})
    assert habits.step_of("The heart is large.") == "C"
    assert habits.step_of("Trachea midline") == "A"
    assert Habits(steps={}).step_of("The heart.") is None


def test_what_a_dataset_does_not_say_is_not_made_up(make_dataset: Callable[..., Path]) -> None:
    habits = habits_of(open_dataset(make_dataset({"train": 3}, seed=9)))
    assert {code: step.sentences for code, step in habits.steps.items()} == {"A": 3, "B": 6}
    assert habits.step_of("Is the airway midline?") == "A"
    assert habits.step_of("A nodule.") == "B"
    assert all(step.sentence_us == 0 for step in habits.steps.values()), "no words with times"
