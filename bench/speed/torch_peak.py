"""What PyTorch reaches in nothing but fp32 matrix products: `torch_peak.py SHAPES_JSON THREADS`, as peak.ts speaks."""

import json
import sys
import time

try:
    import torch
except ImportError as error:
    print(json.dumps({"missing": f"{error}: pip install torch"}), flush=True)
    sys.exit(0)

torch.set_num_threads(int(sys.argv[2]))
start = time.perf_counter()


def say(message):
    print(json.dumps(message), flush=True)


def product(rows, inner, columns):
    a, b, y = torch.full((rows, inner), 0.5), torch.full((inner, columns), 0.5), torch.empty(rows, columns)

    def run():
        began = time.perf_counter()
        torch.mm(a, b, out=y)
        return 2 * rows * inner * columns / (time.perf_counter() - began) / 1e9

    return run


with torch.inference_mode():
    products = [product(*shape) for shape in json.loads(sys.argv[1])]
    for run in products:
        run()
    say({"ready": time.perf_counter() - start, "version": torch.__version__.split("+")[0]})
    for line in sys.stdin:
        say({"gflops": [max(run() for _ in range(int(line))) for run in products]})
say({"peak": 0})
