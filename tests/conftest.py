"""What every test stands on: one thread, because small networks lose time on more."""

import torch

torch.set_num_threads(1)
