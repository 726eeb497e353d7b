locals {
  stages = ["fetch", "clean", "train", "publish"]
}

job "pipeline" {
  type = "batch"

  dynamic "group" {
    for_each = local.stages
    iterator = stage
    labels   = [stage.value]

    content {
      dynamic "task" {
        for_each = stage.value == "train" ? ["one", "two"] : ["only"]
        labels   = ["${stage.value}-${task.value}"]

        content {
          driver = "exec"

          config {
            command = "/opt/pipeline/${stage.value}"
            args    = ["--step", "${stage.key + 1}", task.value]
          }
        }
      }
    }
  }
}
