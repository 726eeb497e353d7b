locals {
  list   = ["zero", "one", "two"]
  map    = { "two words" = "here" }
  nested = { a = { b = [{ c = "deep" }] } }
}

job "index" {
  type = "batch"

  meta {
    by_number     = local.list[1]
    by_text       = local.map["two words"]
    by_expression = local.list[length(local.list) - 1]
    dotted_index  = local.list.0
    deep          = local.nested.a.b[0].c
    text_as_index = local.list["0"]
    of_tuple      = jsonencode([1, "x"][1])
    of_call       = split(",", "a,b,c")[2]
    of_object     = { a = "inner" }.a
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
