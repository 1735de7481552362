"""What routes ask the application for."""

from typing import Annotated

from fastapi import Depends, Request

from civicgraph.api.serving import Serving


def serving_of(request: Request) -> Serving:
    """Return what a request is answered from."""
    serving: Serving = request.app.state.serving
    return serving


ServingDependency = Annotated[Serving, Depends(serving_of)]
