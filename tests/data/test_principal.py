import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.metrics import r2_score

from dlcore.data.principal import explained


def test_principal_components_keep_what_scikit_learn_says_they_keep():
    x = load_digits().images / 16 + np.random.default_rng(0).normal(0, 0.01, (1797, 8, 8))
    train, test = x[:1000], x[1000:]
    for k, found in zip((1, 3, 20), explained(train, test, (1, 3, 20)), strict=True):
        components = PCA(k).fit(train.reshape(-1, 64))
        back = components.inverse_transform(components.transform(test.reshape(-1, 64)))
        expected = r2_score(test.reshape(-1, 64), back, multioutput="variance_weighted")
        np.testing.assert_allclose(found, expected, rtol=1e-6)
