"""AWS on the stage: moto behind real HTTP, told what the stage's machines, balancers and DNS really do. A process of
its own; the engine finds it by its endpoint, and nothing in the engine knows.
"""
