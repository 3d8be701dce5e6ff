from dlcore.folders import FolderSettings, data_folder


def test_the_folder_is_set_by_the_environment_and_else_lies_in_the_user_s_data(monkeypatch, tmp_path):
    monkeypatch.setenv("GLASSBOX_DATA_DIR", str(tmp_path / "here"))
    assert data_folder(FolderSettings()) == tmp_path / "here"
    monkeypatch.delenv("GLASSBOX_DATA_DIR")
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert data_folder(FolderSettings()) == tmp_path / "glassbox"
