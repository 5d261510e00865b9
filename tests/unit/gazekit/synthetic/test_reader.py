"""The simulated reader: order, time, saccades, view; all within what people do."""

from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from gazekit.model.geometry import ViewTrack, angle_deg
from gazekit.model.records import ScreenRecord
from gazekit.model.viewport import Viewport
from gazekit.synthetic import make_phantom, plan_reading

SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
AREA = (0.0, 0.0, 1920.0, 1080.0)
COUNT = 40


class Read:
    """A phantom, its reading, and the views it goes through."""

    def __init__(self, seed: int) -> None:
        self.phantom = make_phantom(seed, size_px=(128, 160))
        view = Viewport.fit(self.phantom.display.record, AREA)
        self.plan = plan_reading(self.phantom, seed=seed, screen=SCREEN, viewport=view)
        self.viewports = [view]
        states = [view.state(0)]
        for action in self.plan.view_actions:
            view = action.applied(view)
            self.viewports.append(view)
            states.append(view.state(action.time_us))
        self.track = ViewTrack(tuple(states))
        self.fixations = self.plan.fixations.to_pandas()

    def screen(self, time: Any, x: Any, y: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.track.to_screen(np.asarray(time, np.int64), np.asarray(x), np.asarray(y))


@pytest.fixture(scope="module")
def reads() -> list[Read]:
    return [Read(seed) for seed in range(COUNT)]


def test_same_seed_same_reading(reads: list[Read]) -> None:
    again = Read(7)
    assert again.plan.fixations.equals(reads[7].plan.fixations)
    assert again.plan.words == reads[7].plan.words
    time = np.arange(0, again.plan.duration_us, 4000)
    for a, b in zip(again.plan.gaze_at(time), reads[7].plan.gaze_at(time), strict=True):
        np.testing.assert_array_equal(a, b)


def test_sentences_go_through_the_steps_in_order(reads: list[Read]) -> None:
    for read in reads:
        steps = [sentence.step for sentence in read.plan.sentences]
        assert steps == sorted(steps)
        assert set(steps) >= set("ABCDE")


def test_every_finding_is_said_once_and_nothing_false(reads: list[Read]) -> None:
    for read in reads:
        said = sorted(label for s in read.plan.sentences for label in s.labels)
        assert said == sorted(f.label for f in read.phantom.findings)
        text = read.plan.report.lower()
        present = {f.label for f in read.phantom.findings}
        for label, denial in {
            "Pneumothorax": "no pneumothorax",
            "Pleural Effusion": "no pleural effusion",
            "Cardiomegaly": "no cardiomegaly",
            "Fracture": "no rib fracture",
        }.items():
            assert not (label in present and denial in text)


def test_words_make_up_the_report_and_never_overlap(reads: list[Read]) -> None:
    for read in reads:
        words = read.plan.words
        assert " ".join(word.text for word in words) == read.plan.report
        times = [t or 0 for word in words for t in (word.onset_us, word.offset_us)]
        assert times == sorted(times)
        assert all(any(c.isalpha() for c in word.text) for word in words)
        assert times[-1] <= read.plan.duration_us
        lengths = np.subtract(times[1::2], times[::2]) / 1000
        assert lengths.min() > 80
        assert lengths.max() < 1500


def test_sentence_times_are_those_of_their_words(reads: list[Read]) -> None:
    for read in reads:
        words = iter(read.plan.words)
        for sentence in read.plan.sentences:
            own = [next(words) for _ in sentence.text.split()]
            assert (own[0].onset_us, own[-1].offset_us) == (sentence.onset_us, sentence.offset_us)


def test_fixations_last_as_long_as_those_of_readers(reads: list[Read]) -> None:
    lengths = np.concatenate([r.fixations.offset_us - r.fixations.onset_us for r in reads]) / 1000
    assert 220 < np.median(lengths) < 320
    assert lengths.min() >= 80
    assert np.mean(lengths > 1000) < 0.02


def test_saccades_follow_the_main_sequence(reads: list[Read]) -> None:
    seen = 0
    for read in reads:
        f, blinks = read.fixations, read.plan.path.blinks_us
        for i in range(len(f) - 1):
            start, end = f.offset_us[i], f.onset_us[i + 1]
            if any(b[0] <= end and start <= b[1] for b in blinks):
                continue
            ax, ay = read.screen([start], [f.x_px[i]], [f.y_px[i]])
            bx, by = read.screen([end], [f.x_px[i + 1]], [f.y_px[i + 1]])
            amplitude = angle_deg(SCREEN, ax, ay, bx, by).item()
            assert end - start == pytest.approx(2200 * amplitude + 21_000, abs=2)
            seen += 1
    assert seen > 1000


def test_peak_velocity_grows_with_amplitude(reads: list[Read]) -> None:
    read = reads[3]
    time = np.arange(0, read.plan.duration_us, 1000)
    x, y, _ = read.plan.gaze_at(time)
    sx, sy = read.screen(time, x, y)
    speed = angle_deg(SCREEN, sx[:-1], sy[:-1], sx[1:], sy[1:]) * 1000
    assert 80 < speed.max() < 700
    f = read.fixations
    still = [
        speed[(time[:-1] > a) & (time[1:] < b)]
        for a, b in zip(f.onset_us, f.offset_us, strict=True)
    ]
    assert np.percentile(np.concatenate(still), 95) < 6


def test_two_to_five_looks_at_the_target_before_and_during_its_sentence(reads: list[Read]) -> None:
    leads = []
    for read in reads:
        targeted = read.fixations[read.fixations.label == "target"]
        for index, sentence in enumerate(read.plan.sentences):
            own = targeted[targeted.sentence_index == index]
            assert 2 <= len(own) <= 5
            assert own.onset_us.iloc[0] < sentence.offset_us
            leads.append((sentence.onset_us - own.onset_us.iloc[0]) / 1e6)
            if sentence.finding_index is not None:
                x0, y0, x1, y1 = read.phantom.placements[sentence.finding_index].box
                assert own.x_px.between(x0, x1).all()
                assert own.y_px.between(y0, y1).all()
    assert 0.7 < np.median(leads) < 1.3
    assert np.mean((np.array(leads) >= 0.2) & (np.array(leads) <= 2.0)) > 0.97


def test_gaze_is_on_the_finding_in_the_window_of_its_sentence(reads: list[Read]) -> None:
    for read in reads:
        for sentence in read.plan.sentences:
            if sentence.finding_index is None:
                continue
            time = np.arange(sentence.onset_us - 2_000_000, sentence.offset_us, 10_000)
            x, y, _ = read.plan.gaze_at(time)
            x0, y0, x1, y1 = read.phantom.placements[sentence.finding_index].box
            inside = (x > x0 - 2) & (x < x1 + 2) & (y > y0 - 2) & (y < y1 + 2)
            assert inside.mean() > 0.1


def test_view_actions_keep_what_is_looked_at_on_the_screen_and_leave_time_around(
    reads: list[Read],
) -> None:
    kinds = set()
    for read in reads:
        f = read.fixations
        for action, before, after in zip(
            read.plan.view_actions, read.viewports, read.viewports[1:], strict=False
        ):
            kinds.add(action.kind)
            here = f[(f.onset_us <= action.time_us) & (action.time_us < f.offset_us)]
            assert len(here) == 1
            row = here.iloc[0]
            assert action.time_us - row.onset_us >= 300_000
            assert row.offset_us - action.time_us >= 300_000
            for view in (before, after):
                x0, y0, x1, y1 = view.shown_px
                assert x0 <= row.x_px <= x1
                assert y0 <= row.y_px <= y1
            if action.kind in {"zoom", "fit"}:
                a = before.affine.apply(row.x_px, row.y_px)
                b = after.affine.apply(row.x_px, row.y_px)
                assert np.allclose(a, b, atol=1e-6)
    assert kinds == {"zoom", "pan", "fit", "window"}


def test_every_fixation_is_on_the_viewer(reads: list[Read]) -> None:
    for read in reads:
        f = read.fixations
        x, y = read.screen(f.onset_us, f.x_px, f.y_px)
        assert ((x >= 0) & (x <= SCREEN.width_px) & (y >= 0) & (y <= SCREEN.height_px)).all()


def test_now_and_then_the_reader_looks_off_the_image(reads: list[Read]) -> None:
    labels = np.concatenate([read.fixations.label for read in reads])
    assert 0 < np.mean(labels == "off_image") < 0.04


def test_blinks_shut_the_eye_between_half_closed_edges(reads: list[Read]) -> None:
    counts = []
    for read in reads:
        time = np.arange(0, read.plan.duration_us, 2000)
        lids = read.plan.gaze_at(time)[2]
        counts.append(len(read.plan.path.blinks_us) / (read.plan.duration_us / 60e6))
        assert ((lids >= 0) & (lids <= 1)).all()
        if len(read.plan.path.blinks_us):
            assert lids.min() < 0.05
            assert ((lids > 0.3) & (lids < 0.7)).any()
    assert 4 < np.mean(counts) < 25


def test_reading_starts_with_a_free_scan(reads: list[Read]) -> None:
    for read in reads:
        first = read.fixations[read.fixations.onset_us < 1_000_000]
        assert set(first.label) <= {"scan", "off_image"}
        assert first.sentence_index.isna().all()


def test_an_image_without_findings_can_be_read() -> None:
    phantom = make_phantom(0, size_px=(64, 80))
    empty = type(phantom)(
        display=phantom.display, findings=(), placements=(), regions=phantom.regions, seed=0
    )
    view = Viewport.fit(msgspec.structs.replace(phantom.display.record), AREA)
    plan = plan_reading(empty, seed=1, screen=SCREEN, viewport=view)
    assert all(sentence.labels == () for sentence in plan.sentences)
    assert len({sentence.step for sentence in plan.sentences}) == 6
