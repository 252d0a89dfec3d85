"""Executable model of the join rules.

Reads one case a line (JSON) on stdin and answers each with one line:
  nodes      [[id, role], ...] in declaration order
  edges      [[from, to], ...] in declaration order
  mode       merge_failure_mode of every merge
  subtasks   how many each split makes
  failures   [bool, ...]: whether the n-th node execution fails, repeated as needed
  choices    [int, ...]: the edge (modulo) the n-th decision takes, repeated as needed
  answer     {"state", "flag", "trace", "tasks": {id: flag of each concluded task}} or {"ambiguous": text}
"""
import json, sys
from collections import deque
class DAGErr(Exception): pass
class Dag:
    def __init__(s, nodes, edges):   # nodes: {id: role} (declaration order), edges: [(a,b)]
        s.n=nodes; s.out={k:[] for k in nodes}; s.inn={k:[] for k in nodes}
        for a,b in edges: s.out[a].append(b); s.inn[b].append(a)
        s.reach={}
        def r(k):
            if k not in s.reach:
                x={k}
                for t in s.out[k]: x|=r(t)
                s.reach[k]=x
            return s.reach[k]
        for k in nodes: r(k)
        s.J={}
        for k,role in nodes.items():
            if role in("branch","split"):
                sets=[s.reach[t] for t in s.out[k]]
                c=set.intersection(*sets); c={m for m in c if nodes[m]=="merge"}
                mini=[m for m in nodes if m in c and not any(o!=m and m in s.reach[o] for o in c)]
                if len(mini)>1: raise DAGErr(f"ambiguous join {k}: {mini}")
                s.J[k]=mini[0] if mini else None
class T:
    def __init__(s,id,parent=None,idx=0,group=None): s.id=id;s.parent=parent;s.idx=idx;s.group=group;s.pos=None;s.state="live";s.out=None;s.flag="COMPLETED";s.kind=None;s.sub=None;s.carry=[]
    @property
    def live(s): return s.state in("live","suspended")
class G:
    def __init__(s,parent,spawner,kind): s.parent=parent;s.spawner=spawner;s.kind=kind;s.members=[];s.done=False
worse=lambda a,b: a if ["COMPLETED","PARTIAL","FAILED"].index(a)>=["COMPLETED","PARTIAL","FAILED"].index(b) else b
class R:
    def __init__(s,dag,op,mode="fail_on_any",nsub=2,decide=None,maxs=20000):
        s.d=dag;s.op=op;s.mode=mode;s.nsub=nsub;s.decide=decide;s.q=deque();s.trace=[];s.maxs=maxs;s.parked={}  # (group|None,merge)->[tasks]
    def run(s):
        start=[k for k,r in s.d.n.items() if r=="start"][0]
        s.root=T("t");s.root.pos=start;s.q.append((s.root,start))
        n=0
        while s.q:
            n+=1
            assert n<s.maxs,"runaway"
            t,node=s.q.popleft()
            if not t.live: continue
            s.step(t,node)
        return s.root
    def exec(s,t,node,inputs=None):
        s.trace.append((t.id,node,None if inputs is None else [i[0] for i in inputs]))
        return s.op(t,node,inputs)
    def step(s,t,node):
        t.pos=node; role=s.d.n[node]
        if role=="merge": return s.arrive(t,node)
        ok=s.exec(t,node)
        if not ok: t.flag="FAILED"; return s.conclude(t)
        s.advance(t,node)
    def advance(s,t,node):
        role=s.d.n[node]; out=s.d.out[node]
        if role=="exit": return s.conclude(t)
        if role=="decision": nxt=s.decide(t,node,out)
        elif role in("branch","split"):
            g=G(t,node,role); t.state="suspended"; t.sub=g
            k=len(out) if role=="branch" else s.nsub
            for i in range(k):
                t.nk=getattr(t,"nk",-1)+1
                c=T(f"{t.id}-{'c' if role=='branch' else 's'}{t.nk}",t,i,g); c.pos=node; g.members.append(c)
            for i,c in enumerate(g.members): s.q.append((c,out[i%len(out)]));c.pos=out[i%len(out)]
            return
        else: nxt=out[0]
        t.pos=nxt; s.q.append((t,nxt))
    # ---- joins
    def owner(s,t,m):
        g=t.group;best=None
        while g and not g.done and g.parent.state=="suspended":
            if s.d.J[g.spawner]==m: best=g
            g=g.parent.group
        return best
    def arrive(s,t,m):
        t.state="parked"; t.parkm=m; t.carry=[(t.id,t.flag)]
        s.settle(t)
    def ready(s,g,m):
        return not any(x.live and m in s.d.reach[x.pos] for x in g.members)
    def settle(s,t):
        """re-evaluate joins after t parked or concluded"""
        g=t.group
        if g is None:
            if t.state=="parked": s.fire(t,t.parkm,t.carry,[])
            return
        for m in [k for k in s.d.n if s.d.n[k]=="merge"]:
            parked=[x for x in g.members if x.state=="parked" and x.parkm==m]
            if not parked or not s.ready(g,m): continue
            fails=[(x.id,"FAILED") for x in g.members if x.state=="done" and x.flag=="FAILED" and not getattr(x,"counted",False)]
            own=s.owner(parked[0],m)
            if own is None:
                car=parked[0]
                items=[i for x in parked for i in x.carry]
                for x in parked[1:]: x.state="absorbed"; x.flag="COMPLETED"
                car.state="live"; s.fire(car,m,items,[])
            else:
                items=sum((x.carry for x in parked),[])
                p=g.parent
                for x in parked: x.state="absorbed"
                g.done=True
                if own is g: p.state="live";p.pos=m; s.fire(p,m,items,fails)
                else:
                    p.state="parked";p.parkm=m;p.pos=m;p.carry=items+fails; s.settle(p)
        s.complete(g)
    def fire(s,t,m,items,fails):
        fails=fails+[i for i in items if i[1]=="FAILED"]; items=[i for i in items if i[1]!="FAILED"]
        t.state="live"; t.pos=m
        if not items: halt=True
        elif fails and s.mode=="fail_on_any": halt=True
        else: halt=False
        if halt: s.trace.append((t.id,m,"MERGE_FAIL")); t.flag="FAILED"; return s.conclude(t)
        if (fails and s.mode=="partial") or (s.mode!="ignore_failures" and any(i[1]=="PARTIAL" for i in items)): t.flag=worse(t.flag,"PARTIAL")
        if not s.exec(t,m,items): t.flag="FAILED"; return s.conclude(t)
        s.advance(t,m)
    def conclude(s,t):
        t.state="done"
        if t.group: s.settle(t)
    def complete(s,g):
        if g.done or g.parent.state!="suspended": return
        if any(x.live or x.state=="parked" for x in g.members): return
        g.done=True; p=g.parent
        st=[x.flag for x in g.members if x.state in("done",)]
        m=s.d.J[g.spawner]
        if m and st and all(f=="FAILED" for f in st):
            p.state="live"; return s.fire(p,m,[],[(x.id,"FAILED") for x in g.members])
        if g.kind=="branch": f="COMPLETED" if "COMPLETED" in st else ("PARTIAL" if "PARTIAL" in st else "FAILED")
        else: f="COMPLETED" if all(x=="COMPLETED" for x in st) else ("FAILED" if all(x=="FAILED" for x in st) else "PARTIAL")
        p.flag=worse(p.flag,f); s.conclude(p)
def answer(case):
    try: dag=Dag(dict(case["nodes"]),case["edges"])
    except DAGErr as e: return {"ambiguous":str(e)}
    seen={};decided=[]
    def op(t,node,inputs):
        seen[t.id]=t
        return not case["failures"][(len(r.trace)-1)%len(case["failures"])]
    def decide(t,node,out):
        decided.append(node)
        return out[case["choices"][(len(decided)-1)%len(case["choices"])]%len(out)]
    r=R(dag,op,mode=case["mode"],nsub=case["subtasks"],decide=decide);root=r.run()
    return {"state":root.state,"flag":root.flag,"trace":r.trace,"tasks":{t.id:t.flag for t in seen.values() if t.state=="done"}}
if __name__=="__main__":
    for line in sys.stdin: print(json.dumps(answer(json.loads(line))),flush=True)
