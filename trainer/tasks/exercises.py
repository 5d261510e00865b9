"""How does each task become tokens? A prompt, an answer, and the frames beside the image.

::

    report        <report>                          sentences            image
    trajectory    <trajectory>                      sentences            image, all frames
    finding       <finding>                         a sentence           image, its frames
    perception    <perception> sentence             clues, observation   image
    scanpath      <scanpath> sentence               patches in order     image
    order_global  <order_global>                    frame numbers,       image, one shuffled frame
                                                    then sentences         a sentence
    order_local   <order_local> sentence            frame numbers        image, shuffled clusters
    grounding     <grounding> label                 boxes                image
    vqa           <vqa> question                    one word or more     image

The loss is taken of answers only. Gaze comes from `giver`: the reading itself, or another's where
the gaze is shuffled for control. A frame shows the gaze, so that attention is not supervised there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from gazekit.model.templates import restored, shuffled
from trainer.backbones.protocol import Words
from trainer.config import ModelConfig
from trainer.conventions import Spot
from trainer.corpus import Fixations, Place, Sample, Sentence, nth_sentence
from trainer.places import Places
from trainer.tasks.choice import number
from trainer.tasks.questions import Question, QuestionBank, questions_of
from trainer.tokenizer import MOST_FRAMES, TOKEN_KINDS

__all__ = ["Exercise", "Setting", "exercise", "questions"]

_LEAST_ORDERED = 3
_MOST_CLUES = 6
_MOST_PATCHES = 16


@dataclass(frozen=True)
class Exercise:
    """One sample of a task. `owner`: the sentence of each answer token, -1 for none.

    `kinds`: the loss of each answer token, of `TOKEN_KINDS`; empty where the token itself tells.
    `frames`: the gaze that each frame shows, in the order shown, of images of `frame_size`.
    `truth`: which places the shown frames have in the right order; or the question.
    """

    task: str
    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    owner: tuple[int, ...]
    frames: tuple[Fixations, ...] = ()
    frame_size: tuple[int, int] = (1, 1)
    order: tuple[int, ...] = ()
    question: Question | None = None
    kinds: tuple[int, ...] = ()


@dataclass(frozen=True)
class Setting:
    """What exercises are made with."""

    tokenizer: Words
    model: ModelConfig
    seed: int
    bank: QuestionBank = field(default_factory=QuestionBank)

    @property
    def places(self) -> Places:
        """Return how places are written."""
        return self.tokenizer.places(self.model)


@dataclass(frozen=True)
class _Reading:
    """A reading at its turn: `giver` lends the gaze, None for no gaze; `turn` varies by epoch."""

    sample: Sample
    giver: Sample | None
    setting: Setting
    turn: tuple[int, int]

    @property
    def key(self) -> str:
        """Return what decides chance for this reading in this epoch."""
        return f"{self.sample.reading_id}/{self.turn[0]}/{self.turn[1]}"

    def gaze(self, index: int) -> Sentence | None:
        """Return the sentence whose gaze stands for sentence `index`."""
        return None if self.giver is None else nth_sentence(self.giver, index)

    def pick(self, choices: Sequence[int]) -> int:
        """Choose one of some sentences."""
        return choices[number("sentence", self.setting.seed, self.key) % len(choices)]

    def words(self, index: int) -> list[int]:
        """Return the tokens of a sentence."""
        return self.setting.tokenizer.encode(self.sample.sentences[index].text)

    def shown(self, index: int) -> Fixations | None:
        """Return the gaze of a sentence, where there is any."""
        sentence = self.gaze(index)
        if sentence is None or sentence.fixations is None or not sentence.fixations.x_px.size:
            return None
        return sentence.fixations

    def with_gaze(self) -> list[int]:
        """Return the sentences that have gaze, no more than frames may be shown."""
        return [i for i in range(len(self.sample.sentences)) if self.shown(i)][:MOST_FRAMES]


def exercise(
    task: str,
    sample: Sample,
    giver: Sample | None,
    setting: Setting,
    *,
    turn: tuple[int, int] = (0, 0),
) -> Exercise | None:
    """Make the exercise of a task; None where the reading has not what it takes.

    Parameters
    ----------
    task
        A name of `trainer.config.TaskMix`.
    giver
        Whose gaze counts; None for nobody's.
    turn
        Epoch and index: with the seed they decide the sentence, the question, the order.
    """
    made = _MAKERS[task](_Reading(sample, giver, setting, turn))
    if made is None or len(made.prompt) + len(made.answer) > setting.model.text_tokens + 1:
        return made if task in {"report", "trajectory", "order_global"} else None
    return made


def questions(sample: Sample, setting: Setting) -> list[Exercise]:
    """Return an exercise for every question about a reading."""
    reading = _Reading(sample, None, setting, (0, 0))
    asked = questions_of(sample, setting.bank, seed=0)
    own = setting.bank.asked.get(sample.image_id, ())
    return [_asked(reading, question) for question in (*asked, *own)]


def _answered(
    reading: _Reading,
    task: str,
    prompt: Sequence[int],
    answer: Sequence[int],
    owner: int = -1,
    *,
    kind: str = "language",
    told: int | None = None,
) -> Exercise:
    """Return an exercise whose first `told` answer tokens, or all, belong to the loss `kind`."""
    tokenizer = reading.setting.tokenizer
    kinds: tuple[int, ...] = ()
    if reading.setting.places.texts:
        count = len(answer) if told is None else told
        kinds = (*[TOKEN_KINDS.index(kind)] * count, *[0] * (len(answer) + 1 - count))
    return Exercise(
        task,
        tuple(tokenizer.prompt(task, prompt)),
        (*answer, tokenizer.report_end),
        (*[owner] * len(answer), -1),
        kinds=kinds,
    )


def _told(reading: _Reading, *, supervised: bool) -> tuple[list[int], list[int]]:
    """Return the tokens of all sentences, and the sentence of each."""
    tokens: list[int] = []
    owner: list[int] = []
    for index in range(len(reading.sample.sentences)):
        words = reading.words(index)
        tokens += words
        owner += [index if supervised else -1] * len(words)
    return tokens, owner


def _report(reading: _Reading) -> Exercise:
    tokens, owner = _told(reading, supervised=True)
    end = reading.setting.tokenizer.report_end
    prompt = tuple(reading.setting.tokenizer.prompt("report"))
    return Exercise("report", prompt, (*tokens, end), (*owner, -1))


def _trajectory(reading: _Reading) -> Exercise | None:
    frames = [gaze for i in reading.with_gaze() if (gaze := reading.shown(i))]
    tokens, _ = _told(reading, supervised=False)
    return _with_frames(_answered(reading, "trajectory", (), tokens), reading, frames)


def _finding(reading: _Reading) -> Exercise | None:
    choices = reading.with_gaze()
    if not choices:
        return None
    index = reading.pick(choices)
    gaze = reading.shown(index)
    clusters = _clusters(gaze) if gaze else []
    frames = [*(clusters if len(clusters) > 1 else []), *([gaze] if gaze else [])]
    made = _answered(reading, "finding", (), reading.words(index))
    return _with_frames(made, reading, frames[-MOST_FRAMES:])


def _perception(reading: _Reading) -> Exercise | None:
    choices = [
        i
        for i in range(len(reading.sample.sentences))
        if (seen := reading.gaze(i)) and seen.observation
    ]
    if not choices or reading.giver is None:
        return None
    index = reading.pick(choices)
    seen = nth_sentence(reading.giver, index)
    clues = seen.clues[:_MOST_CLUES] if len(seen.clues) > 1 else ()
    spots = [_spot(clue, "clue") for clue in clues]
    if seen.observation:
        spots.append(_spot(seen.observation, "observation"))
    answer = reading.setting.places.clues(spots, reading.giver.image_size)
    return _answered(reading, "perception", reading.words(index), answer, index, kind="boxes")


def _spot(place: Place, mark: str) -> Spot:
    return Spot(place.box, place.centroid, mark)


def _scanpath(reading: _Reading) -> Exercise | None:
    choices = reading.with_gaze()
    if not choices or reading.giver is None:
        return None
    index = reading.pick(choices)
    gaze = reading.shown(index)
    if gaze is None:
        return None
    path = reading.setting.places.path(
        gaze.x_px, gaze.y_px, reading.giver.image_size, most=_MOST_PATCHES
    )
    if not path:
        return None
    words = reading.words(index)
    return _answered(reading, "scanpath", words, path, index, kind="gaze_tokens")


def _order_global(reading: _Reading) -> Exercise | None:
    frames = [gaze for i in reading.with_gaze() if (gaze := reading.shown(i))]
    if len(frames) < _LEAST_ORDERED:
        return None
    told, _ = _told(reading, supervised=False)
    return _ordered(reading, "order_global", frames, (), told)


def _order_local(reading: _Reading) -> Exercise | None:
    parts = {i: _clusters(gaze) for i in reading.with_gaze() if (gaze := reading.shown(i))}
    choices = [i for i, clusters in parts.items() if len(clusters) >= _LEAST_ORDERED]
    if not choices:
        return None
    index = reading.pick(choices)
    frames = parts[index][:MOST_FRAMES]
    return _ordered(reading, "order_local", frames, reading.words(index), ())


def _ordered(
    reading: _Reading,
    task: str,
    frames: Sequence[Fixations],
    prompt: Sequence[int],
    then: Sequence[int],
) -> Exercise | None:
    shown = shuffled(len(frames), f"{reading.key}/{task}", seed=reading.setting.seed)
    order = restored(shown)
    numbers = [reading.setting.tokenizer.frame(place) for place in order]
    answer = [*numbers, *then]
    made = _answered(reading, task, prompt, answer, kind="order", told=len(numbers))
    return _with_frames(made, reading, [frames[i] for i in shown], order)


def _grounding(reading: _Reading) -> Exercise | None:
    labels = sorted({f.label for f in reading.sample.findings if f.box is not None})
    if not labels:
        return None
    label = labels[number("label", reading.setting.seed, reading.key) % len(labels)]
    boxes = [f.box for f in reading.sample.findings if f.label == label and f.box is not None]
    answer = reading.setting.places.grounded(label, boxes, reading.sample.image_size)
    asked = reading.setting.tokenizer.encode(label.lower())
    teller = next((i for i, s in enumerate(reading.sample.sentences) if label in s.labels), -1)
    return _answered(reading, "grounding", asked, answer, teller, kind="boxes")


def _vqa(reading: _Reading) -> Exercise | None:
    """Ask a user's question where there are some for this image, every other time."""
    setting, chance = reading.setting, number("question", reading.setting.seed, reading.key)
    own = setting.bank.asked.get(reading.sample.image_id, ())
    made = questions_of(reading.sample, setting.bank, seed=reading.turn[0])
    questions = own if own and (chance % 2 or not made) else made
    if not questions:
        return None
    question = questions[(chance // 2) % len(questions)]
    return _asked(reading, question)


def _asked(reading: _Reading, question: Question) -> Exercise:
    tokenizer = reading.setting.tokenizer
    prompt, answer = tokenizer.encode(question.text), tokenizer.encode(question.answer)
    owner = -1 if question.sentence is None else question.sentence
    made = _answered(reading, "vqa", prompt, answer[:-1], owner)
    return replace(made, question=question)


def _with_frames(
    made: Exercise, reading: _Reading, frames: Sequence[Fixations], order: Sequence[int] = ()
) -> Exercise | None:
    if not frames or reading.giver is None:
        return None
    return replace(
        made, frames=tuple(frames), frame_size=reading.giver.image_size, order=tuple(order)
    )


def _clusters(gaze: Fixations) -> list[Fixations]:
    """Return the gaze of each cluster that holds a fixation, in order."""
    if gaze.cluster is None:
        return []
    return [gaze.of_cluster(int(c)) for c in sorted(set(gaze.cluster.tolist()) - {-1})]


_MAKERS: dict[str, Callable[[_Reading], Exercise | None]] = {
    "report": _report,
    "trajectory": _trajectory,
    "finding": _finding,
    "perception": _perception,
    "scanpath": _scanpath,
    "order_global": _order_global,
    "order_local": _order_local,
    "grounding": _grounding,
    "vqa": _vqa,
}
