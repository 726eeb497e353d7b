job "collections" {
  type = "batch"

  meta {
    chunklist       = jsonencode(chunklist(["a", "b", "c"], 2))
    coalesce        = jsonencode([coalesce(null, "a"), coalesce("", "b")])
    coalescelist    = jsonencode(coalescelist([], ["a"]))
    compact         = jsonencode(compact(["a", "", "b"]))
    concat          = jsonencode(concat(["a"], [1, 2], []))
    contains        = jsonencode([contains(["a", "b"], "a"), contains(["a"], "c")])
    distinct        = jsonencode(distinct(["a", "b", "a"]))
    element         = jsonencode([element(["a", "b"], 1), element(["a", "b"], 3)])
    flatten         = jsonencode(flatten([["a"], [["b"], []], "c"]))
    index           = jsonencode([index(["a", "b"], 1)])
    keys            = jsonencode(keys({ b = 1, a = 2 }))
    length          = jsonencode([length([1, 2]), length([])])
    lookup          = jsonencode([lookup({ a = "1" }, "a", "x"), lookup({ a = "1" }, "b", "x")])
    merge           = jsonencode(merge({ a = 1, b = 2 }, { b = 3 }))
    range           = jsonencode([range(3), range(1, 4), range(4, 0, -2), range(1, 2, 0.5)])
    slice           = jsonencode(slice(["a", "b", "c", "d"], 1, 3))
    sort            = jsonencode(sort(["c", "a", "b"]))
    setintersection = jsonencode(setintersection(["a", "b"], ["b", "c"]))
    setproduct      = jsonencode(setproduct(["a", "b"], [1, 2]))
    setunion        = jsonencode(setunion(["a", "b"], ["b", "c"]))
    values          = jsonencode(values({ b = 1, a = 2 }))
    zipmap          = jsonencode(zipmap(["a", "b"], [1, "x"]))
  }

  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
