"""Archives as people make them, and as people make them who mean harm."""

import contextlib
import io
import struct
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dlcore.data import OwnImages, pictures
from dlcore.data.pictures import PicturesError, develop, look_through, one
from dlcore.data.shelf import shelf
from dlcore.experiment import Experiment
from dlcore.link import decode, encode


def picture(shade=100, size=(20, 20), kind="PNG", mode="L", **options):
    file = io.BytesIO()
    Image.new(mode, size, shade).save(file, kind, **options)
    return file.getvalue()


def palette(shade):
    file = io.BytesIO()
    Image.new("L", (20, 20), shade).convert("P").save(file, "PNG")
    return file.getvalue()


def packed(files, compression=zipfile.ZIP_DEFLATED):
    """A ZIP of (name or ZipInfo, bytes)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, data)
    return file.getvalue()


def two_classes(n=15, start="", kind="PNG"):
    suffix = {"PNG": "png", "JPEG": "jpg"}[kind]
    return {
        f"{start}{name}/{i}.{suffix}": picture(shade + i, kind=kind)
        for name, shade in (("dark", 10), ("light", 200))
        for i in range(n)
    }


GOOD = two_classes()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("side", [16, 32])
def test_folders_become_classes_and_pictures_arrays(kind, colour, side):
    archive = look_through(packed(two_classes(kind=kind)))
    assert archive.counts == {"dark": 15, "light": 15}
    made = develop(archive, side, colour)
    x, y = made.arrays["x"], made.arrays["y"]
    assert x.shape == (30, 3 if colour else 1, side, side)
    assert (x.dtype, made.about["classes"], made.about["images"]) == (np.uint8, ["dark", "light"], 30)
    assert made.about["shape"] == list(x.shape[1:])
    np.testing.assert_allclose(
        x.mean((1, 2, 3)), [(10, 200)[k] + i for k in (0, 1) for i in range(15)], atol=1
    )
    assert y.tolist() == [0] * 15 + [1] * 15
    assert made.notes == ()


def test_a_picture_is_cut_to_its_middle_and_resized_as_pillow_does():
    wide = Image.fromarray(np.random.default_rng(1).integers(0, 255, (40, 80), np.uint8))
    file = io.BytesIO()
    wide.save(file, "PNG")
    made = develop(look_through(packed({**GOOD, "light/x.png": file.getvalue()})), 16, False)
    oracle = wide.crop((20, 0, 60, 40)).resize((16, 16), Image.Resampling.BOX)
    found = [np.array_equal(image[0], np.asarray(oracle)) for image in made.arrays["x"]]
    assert sum(found) == 1


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: picture((255, 0, 0, 0), mode="RGBA"), 255),  # transparent lies on white
        (lambda: palette(51), 51),
        (lambda: picture(200 << 8, mode="I;16"), 200),
        (lambda: picture(1, mode="1"), 255),
        (lambda: picture((0, 0, 0, 0), mode="CMYK", kind="JPEG"), 255),
    ],
)
def test_pictures_of_every_mode_are_read(make, expected):
    made = develop(look_through(packed({"new/x.png": make(), "new/y.png": make(), **GOOD})), 16, False)
    new = made.arrays["x"][made.arrays["y"] == made.about["classes"].index("new")]
    np.testing.assert_allclose(new, expected, atol=2)


def test_a_photo_lies_the_way_its_camera_was_held():
    halves = np.zeros((20, 20), np.uint8)
    halves[:10] = 255
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    Image.fromarray(halves).save(file, "JPEG", exif=exif)
    made = develop(look_through(packed({**GOOD, "turned/x.jpg": file.getvalue()})), 16, False)
    turned = made.arrays["x"][made.arrays["y"] == 2][0, 0]
    assert turned[:6].max() < 20 < 230 < turned[-6:].min()


@pytest.mark.parametrize(
    "start",
    ["", "flowers/", "a/b/c/", "flowers/train/", "train/"],
    ids=["bare", "one", "three", "both", "train"],
)
def test_folders_around_the_classes_do_not_matter(start):
    assert look_through(packed(two_classes(start=start))).counts == {"dark": 15, "light": 15}


def test_folders_of_train_and_test_are_no_classes():
    both = {**two_classes(start="set/train/"), **two_classes(start="set/Test/")}
    assert look_through(packed(both)).counts == {"dark": 30, "light": 30}


def test_folders_inside_a_class_belong_to_it():
    nested = {**GOOD, "light/more/x.png": picture(), "light/more/and/more/y.png": picture()}
    assert look_through(packed(nested)).counts == {"dark": 15, "light": 17}


def test_what_file_managers_add_is_passed_over_in_silence():
    clutter = {"__MACOSX/dark/._0.png": b"x", "dark/.DS_Store": b"x", "Thumbs.db": b"x", "dark/": b""}
    assert look_through(packed({**clutter, **GOOD})).notes == ()


def refused(data, side=16):
    with pytest.raises(PicturesError) as refusal:
        develop(look_through(data), side, False)
    said = str(refusal.value)
    assert said.endswith(".")
    assert said[0].isupper() or said[0].isdigit()
    return said


@pytest.mark.parametrize(
    "data",
    [b"", b"Rar!\x1a\x07", picture(), b"PK\x03\x04" + bytes(100), packed(GOOD)[:-30], b"a,b\n1,2\n"],
    ids=["empty", "rar", "a picture", "half a header", "cut short", "text"],
)
def test_what_is_no_archive_is_refused(data):
    assert "no ZIP archive, or it is damaged" in refused(data)


def test_an_archive_without_pictures_says_what_it_holds():
    said = refused(packed({"a/x.txt": b"x", "b/y.gif": b"GIF89a", "c/z.bmp": b"BM"}))
    assert "no PNG and no JPEG" in said
    assert "3 files neither PNG nor JPEG" in said


def test_an_empty_archive_is_refused():
    assert "no PNG and no JPEG" in refused(packed({}))


def test_one_class_is_refused_with_its_name():
    assert "one class, “cats”" in refused(packed({f"cats/{i}.png": picture(i) for i in range(30)}))


def test_pictures_in_no_folder_have_no_class():
    loose = {f"{i}.png": picture(i) for i in range(3)}
    archive = look_through(packed({**GOOD, **loose}))
    assert archive.counts == {"dark": 15, "light": 15}
    assert archive.notes == ("Left out: 3 pictures in no folder and so in no class.",)
    assert "0 pictures" in refused(packed({f"{i}.png": picture(i) for i in range(30)}))


def test_too_many_classes_are_refused():
    assert "31 folders" in refused(packed({f"{i}/{k}.png": picture() for i in range(31) for k in range(2)}))


def test_too_few_pictures_are_refused():
    assert "8 pictures can be read; it takes 20" in refused(packed(two_classes(4)))


def test_too_many_pictures_are_refused(monkeypatch):
    monkeypatch.setattr(pictures, "MAX_IMAGES", 25)
    assert "30 pictures; up to 25" in refused(packed(GOOD))


def test_too_large_an_archive_is_refused_unread():
    assert "larger than 50 MB" in refused(bytes(50_000_001))


def test_a_list_of_a_million_files_is_refused_before_it_is_read():
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", *[0] * 18)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(entry) * 100_000, 0, 0)
    assert "more than 15,000 files" in refused(entry * 100_000 + end)


def test_too_many_files_are_refused():
    assert "more than 15,000 files" in refused(
        packed({f"a/{i}.txt": b"" for i in range(15_001)}, zipfile.ZIP_STORED)
    )


def test_a_bomb_of_one_file_is_not_opened():
    assert "It is not opened" in refused(packed({**GOOD, "dark/bomb.png": bytes(19_000_000)}))


def test_a_bomb_of_many_files_is_not_opened(monkeypatch):
    monkeypatch.setattr(pictures, "MAX_UNPACKED", 3_000_000)
    many = {f"dark/{i}.png": np.random.default_rng(i).bytes(1000) * 190 for i in range(20)}
    assert "would unpack to 4 MB" in refused(packed({**GOOD, **many}))


def test_one_file_that_is_larger_than_any_picture_is_refused():
    noise = np.random.default_rng(1).bytes(21_000_000)
    assert "larger than 20 MB" in refused(packed({**GOOD, "dark/x.png": noise}))


def test_a_file_that_unpacks_to_more_than_it_says_is_broken():
    """The list says 100 bytes; the stream holds a megabyte."""
    data = bytearray(packed({**GOOD, "dark/liar.png": bytes(1_000_000)}))
    at = data.rindex(b"PK\x01\x02", 0, data.index(b"dark/liar.png", data.index(b"PK\x01\x02")))
    data[at + 24 : at + 28] = struct.pack("<L", 100)
    made = develop(look_through(bytes(data)), 16, False)
    assert made.about["images"] == 30
    assert made.notes == ("Left out: 1 file broken or too large.",)


def png_of(width, height):
    """A PNG that claims to be so large and unpacks to nothing but zeros: a few kilobytes."""

    def chunk(kind, data):
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    head = struct.pack(">2L5B", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * min(height, 1000)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [6_000, 12_000, 60_000])
def test_a_picture_of_millions_of_pixels_is_left_out_unread(side):
    made = develop(look_through(packed({**GOOD, "dark/huge.png": png_of(side, side)})), 16, False)
    assert made.about["images"] == 30
    assert made.notes == ("Left out: 1 file broken or too large.",)


def test_pictures_that_are_large_in_all_are_refused(monkeypatch):
    monkeypatch.setattr(pictures, "MAX_ALL_PIXELS", 20 * 400)
    assert "too large to be read here" in refused(packed(GOOD))


def test_broken_pictures_are_left_out_and_counted():
    whole = picture(size=(64, 64), kind="JPEG")
    broken = {
        "dark/cut.jpg": whole[: len(whole) // 2],
        "dark/empty.png": b"",
        "dark/text.png": b"once upon a time",
        "dark/gif.png": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        "light/flipped.png": picture(size=(64, 64))[:40] + b"\xff" * 40,
    }
    made = develop(look_through(packed({**GOOD, **broken})), 16, False)
    assert made.about["images"] == 30
    assert made.notes == ("Left out: 5 files broken or too large.",)


def test_an_archive_of_broken_pictures_alone_is_refused():
    assert "0 pictures can be read" in refused(packed({f"{'ab'[i % 2]}/{i}.png": b"x" for i in range(30)}))


def test_pictures_behind_a_password_are_left_out():
    data = bytearray(packed({**GOOD, "dark/locked.png": picture()}))
    listed = data.rindex(b"PK\x01\x02", 0, data.rindex(b"dark/locked.png"))
    data[listed + 8] |= 1
    made = develop(look_through(bytes(data)), 16, False)
    assert made.about["images"] == 30


@pytest.mark.parametrize(
    "name",
    [
        "../dark/x.png", "dark/../../x.png", "/etc/x.png", "dark//x.png", "./dark/x.png", "C:/x/x.png",
        "..\\dark\\x.png", "dark/\x1b[2Jx.png", "dark/\u202egnp.png", "d" * 300 + "/x.png",
    ],
)  # fmt: skip
def test_a_path_that_leads_elsewhere_is_left_out_and_counted(name):
    archive = look_through(packed([*GOOD.items(), (name, picture())]))
    assert archive.counts == {"dark": 15, "light": 15}
    assert archive.notes == ("Left out: 1 file with a path that leads elsewhere.",)


def test_a_link_is_left_out_and_counted():
    link = zipfile.ZipInfo("dark/link.png")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    archive = look_through(packed([*GOOD.items(), (link, b"/etc/passwd")]))
    assert archive.counts == {"dark": 15, "light": 15}
    assert archive.notes == ("Left out: 1 file with a link in place of a picture.",)


def test_names_of_classes_are_short_and_can_be_shown():
    files = {f"{name}/{i}.png": picture() for name in ("größe " * 9, "<b>") for i in range(15)}
    made = develop(look_through(packed(files)), 16, False)
    assert all(len(name) <= 24 and name.isprintable() for name in made.about["classes"])


def test_more_pictures_than_there_is_room_for_are_a_share_of_each_class(monkeypatch):
    monkeypatch.setattr(pictures, "MAX_NUMBERS", 16 * 16 * 30)
    files = {
        **{f"few/{i}.png": picture() for i in range(20)},
        **{f"many/{i}.png": picture() for i in range(40)},
    }
    archive = look_through(packed(files))
    made, again = develop(archive, 16, False), develop(archive, 16, False)
    assert np.bincount(made.arrays["y"]).tolist() == [10, 20]
    assert "30 of 60 pictures" in made.notes[0]
    assert np.array_equal(made.arrays["x"], again.arrays["x"])


def test_nothing_is_written_to_disk(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(zipfile.ZipFile, "extract", None)
    monkeypatch.setattr(zipfile.ZipFile, "extractall", None)
    develop(look_through(packed({**GOOD, "../evil.png": picture()})), 16, True)
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told():
    told = []
    develop(look_through(packed(two_classes(60))), 16, False, told.append)
    assert told == sorted(told)
    assert 0 <= told[0] < told[-1] < 1


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damage_to_an_archive_is_a_refusal_in_words_or_a_set_of_pictures(data):
    whole = bytearray(packed(GOOD))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(PicturesError):
        assert 20 <= develop(look_through(bytes(whole)), 16, False).about["images"] <= 30


def test_what_goes_to_the_shelf_comes_back_as_images():
    made = develop(look_through(packed(GOOD)), 16, True)
    data = OwnImages(upload=shelf().put(made.arrays, made.about, "a visitor"))
    x, y = data.draw(1)
    order = np.random.default_rng(1).permutation(30)
    np.testing.assert_allclose(x, made.arrays["x"][order] / np.float32(255))
    assert np.array_equal(y, made.arrays["y"][order])
    assert data.sample_shape == (3, 16, 16)
    assert (data.class_names, data.size, data.at_most(20).size) == (("dark", "light"), 30, 20)
    e = Experiment(data=data, network=("flatten",))
    assert e.problems() == []
    assert decode(encode(e)).experiment == e


def test_one_picture_is_read_as_those_of_an_archive_are():
    data = picture(shade=90, size=(30, 20), mode="L")
    np.testing.assert_array_equal(one(data, 16, False), np.full((1, 16, 16), 90, np.uint8))
    assert one(data, 16, True).shape == (3, 16, 16)


@pytest.mark.parametrize(
    "data",
    [b"", b"no picture", picture()[:45], png_of(6000, 6000)],
    ids=["empty", "no picture", "cut off", "bomb"],
)
def test_one_picture_that_is_none_or_a_bomb_is_refused_in_words(data):
    with pytest.raises(PicturesError, match=r"PNG or JPEG.*Save it as one of them"):
        one(data, 16, False)
