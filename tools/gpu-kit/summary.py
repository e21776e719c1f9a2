"""summary.py RAW: one line for each record: verdict, proof, speed, and each estimate beside what was found."""
import glob, json, os, sys

def value(result): return result.get("summary", {}).get("median") if isinstance(result, dict) else result
WANTED = ("ttft", "decode_tps_user", "prefill_tps", "docs", "load_s", "memory_peak", "vram", "energy", "power", "gpu_util", "sm_clock", "temperature_max")
for path in sorted(glob.glob(f"{sys.argv[1]}/*/record.json")):
    r = json.load(open(path)); cell = r["cell"]; scenario = cell["scenario"]; verdict = r["verdict"]
    what = scenario["kind"] + "".join(f" {k}={scenario[k]}" for k in ("batchSize", "depth", "documents", "outputTokens") if k in scenario)
    print(f"{cell['config']['id']} · {cell['backend']} · {cell['placement']['strategy']} · {what}: {verdict['status']} ({', '.join(x['code'] for x in verdict['reasons'])}) · proof {r.get('observed', {}).get('placement', {}).get('state')}")
    if r.get("failure"):
        reason = r["failure"].get("reason", {}); print(f"    failed: {reason.get('_tag')}: {reason.get('detail', '')[:300]}")
    figures = [f"{v['title']} {value(v['result']):.4g} {v['unit']}" for v in r["values"] if isinstance(value(v["result"]), (int, float)) and v["metric"].startswith(WANTED)]
    if figures: print("    " + "; ".join(figures[:14]))
    for evidence in r.get("observed", {}).get("placement", {}).get("evidence", []): print(f"    {'agrees' if evidence['agrees'] else 'CONTRADICTS'}: {evidence['from']}: {evidence['detail']}")
    for e in r.get("estimates", []):
        found = e["found"].get("value"); error = e["error"].get("value")
        if found is not None: print(f"    {e['device'][:8]} {'+'.join(e['parts'])}: {e['bytes'] / 2**20:.0f} MiB {e['basis']}, found {found / 2**20:.0f} MiB" + (f" ({error:+.1%})" if isinstance(error, (int, float)) else ""))
    telemetry = os.path.join(os.path.dirname(path), "telemetry.ndjson")
    if os.path.exists(telemetry):
        sources = {(line.get("source"), tuple(sorted(line.get("absent", {})))) for line in map(json.loads, filter(str.strip, open(telemetry))) if line.get("kind") == "device"}
        print(f"    read by {', '.join(f'{s} (missing: {len(a)})' for s, a in sources) or 'nothing'}")
