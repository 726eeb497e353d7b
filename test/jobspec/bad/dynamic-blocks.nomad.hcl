job "dynamic-blocks" {
  dynamic "group" {
    labels = ["x"]

    content {}
  }

  dynamic "group" {
    for_each = 5
    labels   = [group.value]

    content {}
  }

  dynamic "group" {
    for_each = ["a"]
    labels   = group.value
    extra    = 1

    content {
      coutn = 1
    }
  }

  dynamic "meta" {
    for_each = [1, 2]
  }

  dynamic {
    for_each = []
  }
}
