from concurrent.futures import ThreadPoolExecutor

from dlcore.store import Store, StoreSettings


def test_several_stores_of_one_process_are_brought_up_to_date_at_once(tmp_path):
    stores = [Store(StoreSettings(database_url=f"sqlite:///{tmp_path}/{i}.db")) for i in range(6)]
    with ThreadPoolExecutor(len(stores)) as threads:
        assert list(threads.map(lambda each: each.everybodys().count(), stores)) == [0] * 6
    for each in stores:
        each.close()
