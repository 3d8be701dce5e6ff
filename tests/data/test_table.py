import contextlib
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris, load_wine
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from dlcore.data.own import MAX_POINTS
from dlcore.data.projection import Roles, guess, numeric_columns, project
from dlcore.data.table import MAX_COLUMNS, MAX_ROWS, TableError, numbers, read

FOUR = "a,b,kind\n1,2,yes\n3,4,no\n5,7,yes\n8,1,no\n"


def points_of(text):
    table = read(text.encode() if isinstance(text, str) else text)
    return project(table, guess(table))


def frame(loaded):
    data = pd.DataFrame(loaded.data, columns=loaded.feature_names)
    return data.assign(species=[loaded.target_names[k] for k in loaded.target])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " ", ":", "^", "~", "#", "/"])
@pytest.mark.parametrize("header", [True, False])
def test_any_delimiter_is_read_as_pandas_reads_it(delimiter, header):
    text = FOUR.replace(",", delimiter) if header else FOUR.split("\n", 1)[1].replace(",", delimiter)
    table = read(text.encode())
    oracle = pd.read_csv(io.StringIO(text), sep=delimiter, header=0 if header else None)
    assert table.header is header
    np.testing.assert_array_equal(numbers(table.body.iloc[:, 0]), oracle.iloc[:, 0])
    np.testing.assert_array_equal(table.body.iloc[:, 2], oracle.iloc[:, 2].astype(str))


def test_quotes_may_hold_the_delimiter():
    table = read(b'"x, first",y,class\n1,2,"a, b"\n3,4,c\n')
    assert table.names == ("x, first", "y", "class")
    assert table.body["class"].tolist() == ["a, b", "c"]


def test_a_decimal_comma_is_understood():
    column = read(b"a;b;c\n1,5;2;x\n-3,25;4;y\n").body["a"]
    np.testing.assert_array_equal(numbers(column), [1.5, -3.25])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_letters_of_every_usual_encoding_are_read(encoding):
    table = read("größe,b,c\n1,2,ä\n3,4,é\n".encode(encoding))
    assert table.names[0] == "größe"
    assert table.body["c"].tolist() == ["ä", "é"]
    assert bool(table.notes) == (encoding == "cp1252")


def test_columns_get_names_of_their_own():
    assert read(b"a,a,,a\nx,1,2,3\n").names == ("a", "a (2)", "column 3", "a (3)")


def test_lines_with_too_many_columns_are_left_out_and_counted():
    table = read(("a,b,c\n" + "1,2,x\n" * 300 + "1,2,3,4\n" * 3).encode())
    assert len(table) == 300
    assert "3 lines" in table.notes[0]


def test_only_the_first_hundred_thousand_rows_are_used():
    table = read(b"a,b,c\n" + b"1,2,x\n" * (MAX_ROWS + 5))
    assert len(table) == MAX_ROWS
    assert "100,000" in table.notes[0]
    assert len(read(b"a,b,c\n" + b"1,2,x\n" * MAX_ROWS)) == MAX_ROWS


HOSTILE_FILES = {
    "nothing": b"",
    "blank lines": b"\n\n  \n",
    "one column": b"a\n1\n2\n3\n",
    "prose": b"It was a dark and stormy night",
    "a workbook": b"PK\x03\x04" + b"\0" * 100,
    "a pickle": b"\x80\x04\x95" + b"cos\nsystem\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
    "null bytes": b"a,b,c\n1,2\x00,3\n",
    "half of UTF-16": b"\xff\xfea,",
    "no encoding": b"a,b,c\n\x81\x8d,1,2\n",
    "an open quotation mark": b'a,b,c\n1,2,"3\n' + b"1,2,3\n" * 200,
    "a bomb of columns": b"," * 19_000_000,
    "many columns": b",".join([b"1"] * (MAX_COLUMNS + 1)) + b"\n",
    "a late bomb": b"a,b,c\n" * 500 + b"," * 10_000_000,
    "a word of 19 MB": b"a,b," + b"c" * 19_000_000,
    "too large": b"1,2,3\n" * 4_000_000,
    "deep quotes": b'"' * 1_000_001,
    "a form feed too many": b"a,b\x01,c\n1,2,3\n",
    "only delimiters": b",,\n,,\n",
}


@pytest.mark.parametrize("data", HOSTILE_FILES.values(), ids=HOSTILE_FILES)
def test_a_file_that_is_no_table_is_refused_in_a_sentence_and_what_next(data):
    with pytest.raises(TableError, match=r"^[A-ZT].{10,}\.  [A-Z].+\.$"):
        points_of(data)


HOSTILE_COLUMNS = {
    "no rows below the names": ("a,b,c\n", "."),
    "text for inputs": ("a,b,c\nx,y,1\nu,v,2\nw,z,3\n", "two columns"),
    "one numeric input": ("a,b,c\nx,1,p\ny,2,q\nz,3,p\n", "two columns"),
    "all missing": ("a,b,c\n,,\n1,,x\n,2,y\n", "."),
    "three rows": ("a,b,c\n1,2,x\n3,4,y\n5,7,x\n", "it takes 4"),
    "one class": ("a,b,c\n1,2,x\n3,4,x\n5,9,x\n7,1,x\n8,8,x\n", "two classes"),
}


@pytest.mark.parametrize(("text", "word"), HOSTILE_COLUMNS.values(), ids=HOSTILE_COLUMNS)
def test_columns_that_cannot_be_learnt_are_refused_in_words(text, word):
    with pytest.raises(TableError) as refusal:
        points_of(text)
    assert word in str(refusal.value)


def test_a_constant_input_is_named():
    with pytest.raises(TableError, match="“b” is the same in every row"):
        project(read(b"a,b,c\n1,7,x\n3,7,y\n5,7,x\n8,7,y\n"), Roles(("a", "b"), "c"))


def test_a_text_column_cannot_be_an_input():
    with pytest.raises(TableError, match="“c” is a number"):
        project(read(FOUR.replace("kind", "c").encode()), Roles(("a", "c"), "b"))


def test_a_constant_value_is_named():
    with pytest.raises(TableError, match="nothing is to learn"):
        project(read(b"a,b,c\n1,2,5\n3,4,5\n5,1,5\n8,7,5\n"), Roles(("a", "b"), "c", "values"))


def test_too_many_labels_are_counted():
    rows = "".join(f"{i % 97},{i % 89},name{i}\n" for i in range(MAX_ROWS))
    table = read(("a,b,who\n" + rows).encode())
    with pytest.raises(TableError, match="100,000 different labels"):
        project(table, Roles(("a", "b"), "who"))


def test_the_same_column_twice_is_refused():
    with pytest.raises(TableError, match="two inputs"):
        project(read(FOUR.encode()), Roles(("a", "a"), "kind"))
    with pytest.raises(TableError, match="not the target"):
        project(read(FOUR.encode()), Roles(("a", "b"), "b"))


def test_two_inputs_are_stretched_to_the_plane_each_by_itself():
    made = points_of("a,b,kind\n10,2,yes\n30,4,no\n50,7,yes\n80,1,no\n")
    x, y = made.own.read()
    low, high = np.array([10, 1]), np.array([80, 7])
    table = np.array([[10, 2], [30, 4], [50, 7], [80, 1]])
    np.testing.assert_allclose(x, (table - low) / (high - low) * 10 - 5, atol=0.002)
    assert (y.tolist(), made.own.names, made.kept) == ([1, 0, 1, 0], ("no", "yes"), None)
    assert "from 10 to 80" in made.notes[0]


@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_more_inputs_lie_on_the_principal_components_of_sklearn(load):
    data = frame(load())
    made = points_of(data.to_csv(index=False))
    standard = StandardScaler().fit_transform(data.drop(columns="species"))
    oracle = PCA(2).fit(standard)
    assert made.kept == pytest.approx(oracle.explained_variance_ratio_.sum(), abs=1e-9)
    flat = oracle.transform(standard)
    x, y = made.own.read()
    scale = 5 / np.abs(flat).max()
    np.testing.assert_allclose(np.abs(x), np.abs(flat * scale), atol=0.003)
    assert made.own.names == tuple(sorted(set(data["species"])))
    assert [made.own.names[int(k)] for k in y] == data["species"].tolist()


def test_what_already_lies_in_the_plane_stays_where_it_is():
    made = points_of("x1,x2,class\n-2,3,0\n1.5,-4,1\n0,0,0\n5.5,-5.5,1\n")
    np.testing.assert_allclose(made.own.read()[0], [[-2, 3], [1.5, -4], [0, 0], [5.5, -5.5]], atol=0.002)
    assert made.notes == ()


def test_values_run_from_minus_one_to_one():
    rows = "".join(f"{i},{i * i % 17},{i / 4}\n" for i in range(3, 30))
    table = read(("a,b,height\n" + rows).encode())
    made = project(table, Roles(("a", "b"), "height", "values"))
    y = np.arange(3, 30) / 4
    np.testing.assert_allclose(made.own.read()[1], (y - y.min()) / np.ptp(y) * 2 - 1, atol=0.005)
    assert "−1 is 0.75, 1 is 7.25" in made.notes[0]


def test_rows_with_a_missing_value_are_left_out_and_counted():
    made = points_of("a,b,kind\n1,2,yes\n,4,no\n5,NA,yes\n8,1,no\n3,3,?\n2,2,no\n9,5,yes\n")
    assert made.own.size == 4
    assert "3 of 7 rows" in made.notes[0]


def test_numbers_beyond_all_bounds_are_missing_and_great_ones_do_not_overflow():
    made = points_of("a,b,kind\n1e308,2,p\n-1e308,4,q\n1,3,p\n2,1,q\ninf,3,q\n1e999,3,q\n")
    assert made.own.size == 4
    assert made.own.read()[0][:2, 0].tolist() == [5, -5]


def test_a_thousand_rows_are_sampled_each_class_in_proportion_and_none_lost():
    kinds = ["rare"] * 3 + ["few"] * 2000 + ["many"] * 18_000
    rows = "".join(f"{i % 83},{i % 97},{kind}\n" for i, kind in enumerate(kinds))
    made = points_of("a,b,kind\n" + rows)
    share = np.bincount(made.own.read()[1].astype(int)) / MAX_POINTS
    assert made.own.names == ("few", "many", "rare")
    np.testing.assert_allclose(share, [0.1, 0.9, 0], atol=0.002)
    assert share[2] > 0
    assert "1,000 of 20,003 rows" in made.notes[-1]
    assert points_of("a,b,kind\n" + rows) == made


def test_numeric_classes_stand_in_the_order_of_their_numbers():
    made = project(read(b"a,b,k\n1,2,10\n3,4,9\n5,7,10\n8,1,2\n"), Roles(("a", "b"), "k"))
    assert made.own.names == ("2", "9", "10")
    assert made.own.read()[1].tolist() == [2, 1, 2, 0]


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        (FOUR, Roles(("a", "b"), "kind")),
        ("kind,a,b\nyes,1,2\nno,3,4\nyes,5,7\nno,8,1\n", Roles(("a", "b"), "kind")),
        (
            "id,a,b,y\n" + "".join(f"{i},{i * i % 7},{i * 3 % 5},{i / 3}\n" for i in range(20)),
            Roles(("a", "b"), "y", "values"),
        ),
        ("1,2,0\n3,4,1\n5,7,0\n8,1,1\n", Roles(("column 1", "column 2"), "column 3")),
    ],
)
def test_roles_are_guessed(text, roles):
    assert guess(read(text.encode())) == roles


def test_a_column_of_text_or_of_one_number_is_no_numeric_column():
    assert numeric_columns(read(b"a,b,c\n1,x,3\n2,y,3\n3,z,3\n")) == ["a"]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet="ab01,.;\t\n\"'- ", max_size=300).map(str.encode))
def test_any_bytes_become_points_or_a_refusal_in_words(data):
    with contextlib.suppress(TableError):
        assert 4 <= points_of(data).own.size <= MAX_POINTS
